import { normal, STREAMS, uniform } from "../backend/random.ts";
import { FREQUENCIES } from "./fourier_features.ts";
import type { FourierParameter } from "./fourier_graph.ts";

/** Where a network's random numbers come from. */
export interface FourierSeed {
  /** Of all randomness. */
  readonly seed: number;
  /** The network's number in the optimisation: each starts from numbers of its own. */
  readonly network: number;
}

/**
 * Frequencies of Fourier features, (a_k, b_k) ~ N(0, s²).
 *
 * @param scale s, in cycles an image: the larger, the finer the detail that is learnt early.
 * @returns (K, 2), for `fourierFeatures`.
 *
 * @example
 * ```ts
 * import { drawFrequencies } from "./fourier_init.ts";
 *
 * const frequencies = drawFrequencies({ seed: 1, network: 0 }, 10);
 * console.assert(frequencies.length === 256 && Math.abs(frequencies[0]) < 55);
 * ```
 */
export function drawFrequencies({ seed, network }: FourierSeed, scale: number): Float32Array {
  const result = new Float32Array(2 * FREQUENCIES);
  const { length: count } = result;
  normal.twin({ result }, { count, seed, stream: STREAMS.frequencies, counter: network });
  return result.map((value) => scale * value);
}

/**
 * Initial φ of one network, as PyTorch starts its layers: W and b of a convolution are
 * U(−1/√n, 1/√n) with n its inputs, γ = 1 and β = 0. All W and b of a network are one sequence of
 * random numbers.
 *
 * @param parameters From `fourierParameters`.
 * @returns The values of each of the parameters, in their order.
 *
 * @example
 * ```ts
 * import { fourierParameters } from "./fourier_graph.ts";
 * import { drawParameters } from "./fourier_init.ts";
 *
 * const [weight, bias, scale] = drawParameters({ seed: 1, network: 0 }, fourierParameters(1));
 * console.assert(weight.every((w) => Math.abs(w) <= 1 / 16) && weight[0] !== bias[0]);
 * console.assert(scale.every((one) => one === 1));
 * ```
 */
export function drawParameters(
  { seed, network }: FourierSeed,
  parameters: readonly FourierParameter[],
): Float32Array[] {
  const drawn = parameters.filter(({ role }) => role === "weight" || role === "bias");
  const count = drawn.reduce((sum, { shape: [rows, columns] }) => sum + rows * columns, 0);
  const result = new Float32Array(count);
  uniform.twin({ result }, { count, seed, stream: STREAMS.weights, counter: network });

  let [start, bound] = [0, 0];
  return parameters.map(({ role, shape: [rows, columns] }) => {
    if (role === "scale") return new Float32Array(rows).fill(1);
    if (role === "shift") return new Float32Array(rows);
    // A bias follows its weight, and has its bound.
    if (role === "weight") bound = 1 / Math.sqrt(columns);
    const values = result.slice(start, start += rows * columns);
    return values.map((value) => bound * (2 * value - 1));
  });
}
