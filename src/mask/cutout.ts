import { checkAlpha, type Image, toRgb } from "../image/image.ts";
import { DEFAULT_THRESHOLD } from "./threshold.ts";

/** Half the range of α around the threshold that becomes the cutout's soft edge. */
const EDGE = 0.2;

/**
 * The masked object on its own: the image's colours, opaque inside the mask and clear outside, with a
 * soft edge where α is near the threshold. With α itself as opacity a veil of the background would
 * remain, because α sinks to 0 only slowly.
 *
 * The colours are not multiplied by the opacity and stay whole where it is 0, so an editor can paint
 * the edge back in.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @param threshold α of half opacity, 0..1, by default ½; at the ends of that range the edge is hard.
 * @returns An image of four channels.
 * @throws {UserError} α has another size than the image.
 *
 * @example
 * ```ts
 * import { cutout, type Image } from "../../mod.ts";
 *
 * const red: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) };
 * console.assert(cutout(red, Float32Array.of(0.2)).data.join() === "255,0,0,0");
 * console.assert(cutout(red, Float32Array.of(0.6)).data.join() === "255,0,0,191");
 * ```
 */
export function cutout(image: Image, alpha: Float32Array, threshold = DEFAULT_THRESHOLD): Image {
  const edge = Math.min(EDGE, threshold, 1 - threshold);
  return withOpacity(
    image,
    alpha,
    (a) => edge > 0 ? (a - threshold + edge) / (2 * edge) : Number(a >= threshold),
  );
}

/**
 * An image and its mask as one: the colours, and α as their opacity. The colours are not multiplied by
 * α (*straight* alpha), as PNG has them.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @returns An image of four channels.
 * @throws {UserError} α has another size than the image.
 *
 * @example
 * ```ts
 * import { type Image, rgba } from "../../mod.ts";
 *
 * const red: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) };
 * console.assert(rgba(red, Float32Array.of(0.2)).data.join() === "255,0,0,51");
 * ```
 */
export function rgba(image: Image, alpha: Float32Array): Image {
  return withOpacity(image, alpha, (a) => a);
}

/**
 * RGBA of the image's colours and the opacity, 0..1, that each α stands for; no pixel is more opaque
 * than the image's own.
 */
function withOpacity(image: Image, alpha: Float32Array, opacity: (a: number) => number): Image {
  checkAlpha(image, alpha);
  const clear = image.channels === 4;
  const { width, height, data: colours } = clear ? image : toRgb(image);
  const channels = clear ? 4 : 3;
  const data = new Uint8Array(4 * alpha.length);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = colours[channels * i + c];
    const own = clear ? colours[4 * i + 3] / 255 : 1;
    data[4 * i + 3] = inBytes(own * Math.min(1, Math.max(0, opacity(alpha[i]))));
  }
  return { width, height, channels: 4, data };
}

/**
 * A mask as an image: α as grey, 0..1 as 0..255, rounded.
 *
 * @param size The image, or its width and height.
 * @param alpha (height, width) of the image, 0..1.
 * @returns An image of one channel.
 * @throws {UserError} α has another size than the image.
 *
 * @example
 * ```ts
 * import { images } from "../../mod.ts";
 *
 * const grey = images.alphaToGrey({ width: 3, height: 1 }, Float32Array.of(0, 0.5, 1));
 * console.assert(grey.data.join() === "0,128,255");
 * ```
 */
export function alphaToGrey(size: Pick<Image, "width" | "height">, alpha: Float32Array): Image {
  checkAlpha(size, alpha);
  const { width, height } = size;
  const data = new Uint8Array(alpha.length);
  for (let i = 0; i < alpha.length; i++) data[i] = inBytes(alpha[i]);
  return { width, height, channels: 1, data };
}

function inBytes(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}
