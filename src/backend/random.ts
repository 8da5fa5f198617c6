import code from "../../shaders/random.wgsl" with { type: "text" };
import type { Kernel } from "./kernel.ts";
import { inverseErf } from "./inverse_erf.ts";
import { philox } from "./philox.ts";

/**
 * What random numbers are for. Each use has its own stream, so that one does not shift another.
 *
 * @example
 * ```ts
 * import { STREAMS, uniformAt } from "./random.ts";
 *
 * console.assert(uniformAt(1, STREAMS.timestep, 0, 0) !== uniformAt(1, STREAMS.background, 0, 0));
 * ```
 */
export const STREAMS = {
  /** Initial rasters. */
  init: 0,
  /** Background colours. */
  background: 1,
  /** Timesteps. */
  timestep: 2,
  /** Noise added to the latents. */
  noise: 3,
  /** Samples of the encoder's posterior. */
  posterior: 4,
  /** Frequencies of Fourier features. */
  frequencies: 5,
  /** Initial weights of networks. */
  weights: 6,
  /** Noise that an image starts from. */
  latents: 7,
} as const;

const UNIFORMS = { count: "u32", seed: "u32", stream: "u32", counter: "u32" } as const;

/** The current block of random words. */
const words = new Uint32Array(4);

/**
 * Fills a tensor with uniform random numbers in [0, 1), multiples of 2⁻²⁴: the same on every
 * backend, bit by bit. Element i is word i % 4 of
 *
 *     philox(counter = (⌊i / 4⌋, counter, 0, 0), key = (seed, stream))
 *
 * - `result`: `count` elements
 * - `seed`, `counter`: 32-bit integers; the counter is the iteration, say
 * - `stream`: one of {@link STREAMS}
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(5);
 * kernels.uniform.twin({ result }, { count: 5, seed: 1, stream: 0, counter: 0 });
 * console.assert(result.every((u) => u >= 0 && u < 1));
 * ```
 */
export const uniform: Kernel<"result", "count" | "seed" | "stream" | "counter"> = {
  name: "uniform",
  wgsl: code,
  entryPoint: "uniforms",
  bindings: { result: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => Math.ceil(u.count / 4),
  twin({ result }, u) {
    for (let i = 0; i < u.count; i++) {
      if (i % 4 === 0) drawBlock(u.seed, u.stream, u.counter, i / 4);
      result[i] = toUniform(words[i % 4]);
    }
  },
};

/**
 * Fills a tensor with standard normal random numbers, the inverse of the normal distribution
 * function at uniform numbers, from the same words as {@link uniform}. Backends differ by about
 * 10⁻⁶, as their `log` does. Every number is finite, within ±5.5.
 *
 * - `result`: `count` elements
 * - `seed`, `counter`: 32-bit integers
 * - `stream`: one of {@link STREAMS}
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(1000);
 * kernels.normal.twin({ result }, { count: 1000, seed: 1, stream: 3, counter: 0 });
 * console.assert(Math.abs(result.reduce((a, b) => a + b) / 1000) < 0.1);
 * ```
 */
export const normal: Kernel<"result", "count" | "seed" | "stream" | "counter"> = {
  name: "normal",
  wgsl: code,
  entryPoint: "normals",
  bindings: { result: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => Math.ceil(u.count / 4),
  twin({ result }, u) {
    for (let i = 0; i < u.count; i++) {
      if (i % 4 === 0) drawBlock(u.seed, u.stream, u.counter, i / 4);
      result[i] = toNormal(words[i % 4]);
    }
  },
};

/**
 * One element of what {@link uniform} writes, for the host's own choices: a timestep, a colour.
 *
 * @param stream One of {@link STREAMS}.
 * @returns A multiple of 2⁻²⁴ in [0, 1).
 *
 * @example
 * ```ts
 * import { STREAMS, uniformAt } from "./random.ts";
 *
 * const iteration = 7;
 * const timestep = 20 + Math.floor(961 * uniformAt(42, STREAMS.timestep, iteration, 0));
 * console.assert(timestep >= 20 && timestep <= 980);
 * ```
 */
export function uniformAt(seed: number, stream: number, counter: number, index: number): number {
  drawBlock(seed, stream, counter, Math.floor(index / 4));
  return toUniform(words[index % 4]);
}

function drawBlock(seed: number, stream: number, counter: number, block: number) {
  words[0] = block;
  words[1] = counter;
  words[2] = 0;
  words[3] = 0;
  philox(words, seed, stream);
}

function toUniform(word: number): number {
  return (word >>> 8) / 0x1000000;
}

/** From an odd multiple of 2⁻²³ in (−1, 1): symmetric, exact in 32 bits, never ±1. */
function toNormal(word: number): number {
  return Math.SQRT2 * inverseErf((2 * (word >>> 9) + 1) / 0x800000 - 1);
}
