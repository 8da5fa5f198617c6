import type { Image } from "./image.ts";
import { resample } from "./resample.ts";

/** How an image becomes the input of a network that sees one. */
export interface ImageInput {
  /** Side in pixels. */
  readonly size: number;
  /** What sides must be a multiple of, where others than `size` are allowed. */
  readonly multipleOf?: number | undefined;
  /** Subtracted from the channels red, green and blue, which run from 0 to 1. */
  readonly mean: readonly number[];
  /** What they are divided by after that. */
  readonly std: readonly number[];
}

/**
 * An image as a network takes it: stretched, and every channel normalised, (x − mean) / std.
 *
 * @returns (3, height, width) planar RGB, antialiased (`resample`).
 *
 * @example
 * ```ts
 * import { imageInput } from "./image_input.ts";
 *
 * const white = { width: 1, height: 1, data: Uint8Array.of(255, 255, 255) };
 * const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.25] };
 * console.assert(imageInput(white, 1, 1, half).join() === "1,1,2");
 * ```
 */
export function imageInput(
  image: Image,
  width: number,
  height: number,
  { mean, std }: Pick<ImageInput, "mean" | "std">,
): Float32Array<ArrayBuffer> {
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const pixels = resample({ ...image, channels: 3 }, whole, width, height);
  const count = width * height;
  return Float32Array.from({ length: 3 * count }, (_, i) => {
    const channel = Math.floor(i / count);
    return (pixels[3 * (i % count) + channel] / 255 - mean[channel]) / std[channel];
  });
}
