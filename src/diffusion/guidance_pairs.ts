import type { Backend, Tensor } from "../backend/backend.ts";
import type { Embeddings } from "../prompt/embed.ts";

/**
 * Text embeddings as classifier-free guidance runs them, in one batch of 2P.
 *
 * @param embeddings Of the empty (or negative) prompt, then of the P prompts.
 * @returns (2P, T, D): P times the first, then the P prompts; the caller's to dispose of.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { guidancePairs } from "./guidance_pairs.ts";
 *
 * await using backend = await createCpuBackend();
 * using pairs = guidancePairs(backend, { data: Float32Array.of(0, 1, 2), shape: [3, 1, 1] });
 * console.assert((await backend.read(pairs)).join() === "0,0,1,2");
 * ```
 */
export function guidancePairs(backend: Backend, { data, shape }: Embeddings): Tensor {
  const [count, tokens, width] = shape;
  const prompts = count - 1;
  const one = tokens * width;
  const pairs = new Float32Array(2 * prompts * one);
  for (let p = 0; p < prompts; p++) pairs.set(data.subarray(0, one), p * one);
  pairs.set(data.subarray(one), prompts * one);
  return backend.tensor([2 * prompts, tokens, width], pairs);
}
