import { readSafetensors } from "../safetensors.ts";
import { seededUniform } from "./seeded_weight.ts";

/** The encoder's gradient as `golden.py` computed it, and what it computed it from. */
export interface EncoderGolden {
  /** Side of the image. */
  readonly side: number;
  /** x̂ (1, 3, side, side), 0..1. */
  readonly image: Float32Array<ArrayBuffer>;
  /** The posterior's (1, 4, side / 8, side / 8). */
  readonly noise: Float32Array<ArrayBuffer>;
  /** z̄, of the same shape. */
  readonly latentCotangent: Float32Array<ArrayBuffer>;
  /** Every k-th element of z. */
  readonly latents: Sampled;
  /** Every k-th element of x̄. */
  readonly cotangent: Sampled;
}

/** Every k-th element of a tensor. */
export interface Sampled {
  readonly every: number;
  readonly values: Float32Array;
}

/** Reads the file that `golden.py` has written. */
export function readEncoderGolden(path: string | URL): EncoderGolden {
  const { metadata, tensors } = readSafetensors(path);
  const side = Number(metadata.side);
  const latents = 4 * (side / 8) ** 2;
  const sampled = (name: string): Sampled => ({
    every: Number(metadata[`every ${name}`]),
    values: Float32Array.from(tensors[name].data),
  });
  return {
    side,
    image: seededUniform("picture", 3 * side ** 2),
    noise: signed("noise", latents),
    latentCotangent: signed("cotangent", latents),
    latents: sampled("latents"),
    cotangent: sampled("cotangent"),
  };
}

function signed(name: string, count: number): Float32Array<ArrayBuffer> {
  return seededUniform(name, count).map((u) => 2 * u - 1);
}

/** ‖a − b‖ / ‖b‖ over the elements of a that b samples. */
export function sampledError(a: Float32Array, { every, values }: Sampled): number {
  if (Math.ceil(a.length / every) !== values.length) {
    throw new Error(`${a.length} elements are not sampled by ${values.length}`);
  }
  const difference = values.map((value, i) => a[every * i] - value);
  return Math.hypot(...difference) / Math.hypot(...values);
}
