/**
 * What the tests against golden trajectories share: how far 32 bits may be from float64, and the
 * reference's draws.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Backend } from "../src/backend/backend.ts";
import type { Draws } from "../src/diffusion/draws.ts";
import type { FixtureTensor } from "./safetensors.ts";

/** Largest difference of α, by device: the reference is float64. */
export const TOLERANCE = { cpu: 1e-4, webgpu: 1e-3 };

/**
 * The same after Adam, whose first steps have a gradient's sign: where the gradient is nearly 0, what
 * 32 bits lose is a whole step.
 */
export const ADAM_TOLERANCE = 1e-3;

/**
 * Largest error of a cotangent in the norm, as a part of its own norm. Guidance multiplies what
 * float32 loses in the U-Net.
 */
export const RELATIVE_TOLERANCE = { cpu: 3e-4, webgpu: 1e-3 };

/** The reference's draws instead of the generator's. */
export function recorded(
  backend: Backend,
  { timestep, background, noise }: Record<string, FixtureTensor>,
): Draws {
  return {
    timestep: (i) => timestep.data[i],
    background: (i) => {
      const [red, green, blue] = row(background, i);
      return [red, green, blue];
    },
    noise: (i, tensor) => backend.write(tensor, row(noise, i)),
    posterior: () => assert.fail("the trajectory uses the posterior's mean"),
  };
}

/** A tensor of floats. */
export function floats({ data }: FixtureTensor): Float32Array<ArrayBuffer> {
  assert(data instanceof Float32Array);
  return data;
}

/** A tensor at iteration `i`. */
export function row(tensor: FixtureTensor, i: number): Float32Array {
  const size = tensor.data.length / tensor.shape[0];
  return floats(tensor).slice(i * size, (i + 1) * size);
}

/** Fails unless every element differs by at most `tolerance`. */
export function assertClose(
  actual: Float32Array,
  wanted: Float32Array,
  tolerance: number,
  what: string,
) {
  assert.equal(actual.length, wanted.length, what);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(actual[i] - wanted[i]));
  assert(worst <= tolerance, `${what}: differs by ${worst}, allowed ${tolerance}`);
}

/** Fails unless the difference is at most `tolerance` of the wanted, in the norm. */
export function assertRelativelyClose(
  actual: Float32Array,
  wanted: Float32Array,
  tolerance: number,
  what: string,
) {
  assert.equal(actual.length, wanted.length, what);
  const error = Math.hypot(...actual.map((value, i) => value - wanted[i])) / Math.hypot(...wanted);
  assert(error <= tolerance, `${what}: relative error ${error}, allowed ${tolerance}`);
}
