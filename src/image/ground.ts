import { checkImage, type Colour, type Image } from "./image.ts";

/**
 * Named grounds; a colour `#rrggbb` is one as well.
 *
 * @example
 * ```ts
 * import { images } from "../../mod.ts";
 *
 * console.assert(images.GROUNDS.includes("checker"));
 * ```
 */
export const GROUNDS = ["white", "grey", "checker"] as const;

/** A colour as six hexadecimal digits. */
export const HEX_COLOUR = /^#[0-9a-f]{6}$/i;

/** Squares of the checkerboard on the shorter side. */
const SQUARES = 8;
const WHITE: Colour = [255, 255, 255], GREY: Colour = [128, 128, 128];
/** The checkerboard's darker squares. */
const LIGHT_GREY: Colour = [204, 204, 204];

/**
 * Lays an image on a ground, which shows where the image is clear. An opaque image stays as it is.
 *
 * @param ground One of {@link GROUNDS}, or `#rrggbb`.
 * @returns An image without transparency.
 * @throws {UserError} The pixels of the image do not fill it.
 *
 * @example
 * ```ts
 * import { type Image, images } from "../../mod.ts";
 *
 * const clear: Image = { width: 1, height: 1, channels: 4, data: Uint8Array.of(0, 0, 0, 51) };
 * console.assert(images.onGround(clear, "#ff0000").data.join() === "204,0,0");
 * ```
 */
export function onGround(image: Image, ground: string): Image {
  checkImage(image);
  if (image.channels !== 4) return image;
  const { width, height, data } = image;
  const colourAt = colours(ground, width, height);
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const below = colourAt(i % width, Math.floor(i / width));
    const a = data[4 * i + 3];
    // c·a + g·(1 − a)
    for (let c = 0; c < 3; c++) {
      rgb[3 * i + c] = Math.round((data[4 * i + c] * a + below[c] * (255 - a)) / 255);
    }
  }
  return { width, height, channels: 3, data: rgb };
}

/** Colours that differ by less are hard to tell apart, and the share of pixels that must be so. */
const [ALIKE, NEARLY_ALL] = [16, 0.95];

/** Whether nearly all that is visible of an image has the colours of the ground below it. */
export function blendsIn(image: Image, ground: string): boolean {
  if (image.channels !== 4) return false;
  const { width, data } = image;
  const colourAt = colours(ground, width, image.height);
  let visible = 0, alike = 0;
  for (let i = 0; 4 * i < data.length; i++) {
    const below = colourAt(i % width, Math.floor(i / width));
    const difference = Math.max(...below.map((value, c) => Math.abs(value - data[4 * i + c])));
    visible += data[4 * i + 3];
    if (difference < ALIKE) alike += data[4 * i + 3];
  }
  return visible > 0 && alike >= NEARLY_ALL * visible;
}

/** The colour of a checkerboard of white and light grey at each place of an image. */
export function checkerboard(width: number, height: number): (x: number, y: number) => Colour {
  const square = Math.max(1, Math.floor(Math.min(width, height) / SQUARES));
  return (x, y) => (Math.floor(x / square) + Math.floor(y / square)) % 2 === 0 ? WHITE : LIGHT_GREY;
}

/** The ground's colour at each place of an image. */
function colours(ground: string, width: number, height: number): (x: number, y: number) => Colour {
  if (ground === "checker") return checkerboard(width, height);
  const hex = Number.parseInt(ground.slice(1), 16);
  const flat: Colour = ground === "white"
    ? WHITE
    : ground === "grey"
    ? GREY
    : [hex >> 16, hex >> 8 & 0xff, hex & 0xff];
  return () => flat;
}
