/**
 * The same values several times: what is optimised starts alike for every prompt, so that a prompt's
 * mask does not depend on its neighbours.
 *
 * @example
 * ```ts
 * import { repeat } from "./repeat.ts";
 *
 * console.assert(repeat(Float32Array.of(1, 2), 2).join() === "1,2,1,2");
 * ```
 */
export function repeat(values: Float32Array, times: number): Float32Array {
  const result = new Float32Array(values.length * times);
  for (let k = 0; k < times; k++) result.set(values, k * values.length);
  return result;
}
