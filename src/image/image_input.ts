import { type Image, toRgb } from "./image.ts";
import { resample } from "./resample.ts";

/** The way an image becomes the input of a network. */
export interface ImageInput {
  /** Side in pixels. */
  readonly size: number;
  /** Sides other than `size` are allowed if they are a multiple of this. */
  readonly multipleOf?: number | undefined;
  /** Subtracted from the channels red, green and blue, which run from 0 to 1. */
  readonly mean: readonly number[];
  /** Divides them after that. */
  readonly std: readonly number[];
}

/**
 * An image as a network takes it: stretched, and each channel normalised, (x − mean) / std.
 *
 * @returns (3, height, width) planar RGB, antialiased (`resample`).
 */
export function imageInput(
  image: Image,
  width: number,
  height: number,
  { mean, std }: Pick<ImageInput, "mean" | "std">,
): Float32Array<ArrayBuffer> {
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const pixels = resample(toRgb(image), whole, width, height);
  const count = width * height;
  return Float32Array.from({ length: 3 * count }, (_, i) => {
    const channel = Math.floor(i / count);
    return (pixels[3 * (i % count) + channel] / 255 - mean[channel]) / std[channel];
  });
}
