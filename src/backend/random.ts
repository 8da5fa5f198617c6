import code from "../../shaders/random.wgsl" with { type: "text" };
import type { Kernel } from "./kernel.ts";

/**
 * The uses of random numbers. Each has a stream of its own, so that one does not shift another.
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

/**
 * Philox4x32-10, a counter-based generator: 128 random bits from a 128-bit counter and a 64-bit
 * key, in any order (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
 *
 * @param words The counter, four 32-bit words; overwritten with the random words.
 * @param key0 First word of the key. @param key1 Its second word.
 */
export function philox(words: Uint32Array, key0: number, key1: number) {
  let [c0, c1, c2, c3] = words;
  for (let round = 0; round < 10; round++) {
    const first = c0, third = c2;
    c0 = multiplyHigh(0xCD9E8D57, third) ^ c1 ^ key0;
    c1 = Math.imul(0xCD9E8D57, third);
    c2 = multiplyHigh(0xD2511F53, first) ^ c3 ^ key1;
    c3 = Math.imul(0xD2511F53, first);
    key0 = (key0 + 0x9E3779B9) | 0;
    key1 = (key1 + 0xBB67AE85) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** High word of the 64-bit product of two 32-bit numbers, taken as unsigned. */
function multiplyHigh(a: number, b: number): number {
  const low = (a & 0xffff) * (b & 0xffff);
  const cross = (a >>> 16) * (b & 0xffff) + (low >>> 16);
  const middle = (a & 0xffff) * (b >>> 16) + (cross & 0xffff);
  return (a >>> 16) * (b >>> 16) + (cross >>> 16) + (middle >>> 16);
}

/**
 * The inverse error function, to 1.3 · 10⁻⁷ of its value, by two polynomials in
 * `w = −log(1 − x²)` (Giles, "Approximating the erfinv function", GPU Computing Gems, 2011).
 *
 * @param x In (−1, 1).
 * @returns The number y with erf(y) = x.
 */
export function inverseErf(x: number): number {
  let w = -Math.log((1 - x) * (1 + x));
  let p: number;
  if (w < 5) {
    w -= 2.5;
    p = 2.81022636e-08;
    p = 3.43273939e-07 + p * w;
    p = -3.5233877e-06 + p * w;
    p = -4.39150654e-06 + p * w;
    p = 0.00021858087 + p * w;
    p = -0.00125372503 + p * w;
    p = -0.00417768164 + p * w;
    p = 0.246640727 + p * w;
    p = 1.50140941 + p * w;
  } else {
    w = Math.sqrt(w) - 3;
    p = -0.000200214257;
    p = 0.000100950558 + p * w;
    p = 0.00134934322 + p * w;
    p = -0.00367342844 + p * w;
    p = 0.00573950773 + p * w;
    p = -0.0076224613 + p * w;
    p = 0.00943887047 + p * w;
    p = 1.00167406 + p * w;
    p = 2.83297682 + p * w;
  }
  return p * x;
}
