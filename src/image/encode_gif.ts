import { type Image, toRgb } from "./image.ts";

/** An animated GIF that grows by a frame at a time. */
export interface GifEncoder {
  /** Appends an image of the size of those before it, shown for so many milliseconds. */
  add(image: Image, milliseconds: number): void;
  /** The file, which repeats for ever. Nothing can be appended afterwards. */
  finish(): Uint8Array;
}

/** The part of the library that is used; it has no types of its own. */
interface Gifenc {
  GIFEncoder(): {
    writeFrame(
      indices: Uint8Array,
      width: number,
      height: number,
      options: { palette: number[][]; delay: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  };
  quantize(rgba: Uint8Array, colours: number): number[][];
  applyPalette(rgba: Uint8Array, palette: number[][]): Uint8Array;
}

const MAX_COLOURS = 256;

/**
 * Begins an animated GIF. Each frame has the 256 colours that suit it best, and is compressed at once,
 * so a long film takes the memory of its file. The same images give the same bytes.
 *
 * @example
 * ```ts
 * import { images } from "../../mod.ts";
 *
 * const gif = await images.openGif();
 * gif.add({ width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) }, 80);
 * gif.add({ width: 1, height: 1, channels: 3, data: Uint8Array.of(0, 0, 255) }, 80);
 * console.assert(new TextDecoder().decode(gif.finish().subarray(0, 6)) === "GIF89a");
 * ```
 */
export async function openGif(): Promise<GifEncoder> {
  const { default: library }: { default: unknown } = await import("npm:gifenc@1.0.3");
  const { GIFEncoder, applyPalette, quantize } = library as Gifenc;
  const encoder = GIFEncoder();
  return {
    add(image, milliseconds) {
      const { width, height, data } = toRgb(image);
      const rgba = opaque(data);
      const palette = quantize(rgba, MAX_COLOURS);
      const indices = applyPalette(rgba, palette);
      encoder.writeFrame(indices, width, height, { palette, delay: milliseconds });
    },
    finish() {
      encoder.finish();
      return encoder.bytes();
    },
  };
}

function opaque(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(rgb.length / 3 * 4).fill(255);
  for (let i = 0; i < rgb.length; i++) rgba[4 * Math.floor(i / 3) + i % 3] = rgb[i];
  return rgba;
}
