import fc from "npm:fast-check@4.10.2";
import { bilateralWeights, blur, blurAdjoint } from "../src/alpha/bilateral.ts";
import { overlapAdjoint } from "../src/alpha/overlap.ts";
import { regularize } from "../src/alpha/regularize.ts";
import { sigmoid, sigmoidAdjoint } from "../src/alpha/sigmoid.ts";
import type { Kernel } from "../src/backend/kernel.ts";
import { normal, uniform } from "../src/backend/random.ts";
import { sum } from "../src/backend/reduce.ts";
import { similarity, similarityAdjoint } from "../src/clip/similarity.ts";
import { guide } from "../src/diffusion/guidance.ts";
import { addNoise } from "../src/diffusion/noise.ts";
import { NO_CLIP, transfer } from "../src/diffusion/transfer.ts";
import { composite, compositeAdjoint, compositeImageAdjoint } from "../src/image/composite.ts";
import { layers, layersAdjoint, layersImageAdjoint } from "../src/image/layers.ts";
import { resize, resizeAdjoint } from "../src/image/resize.ts";
import { adam } from "../src/optimize/adam.ts";
import { sgd } from "../src/optimize/sgd.ts";

/** `n` random numbers: standard normal, or uniform in [0, 1). */
export interface Draw {
  normal(n: number): Float32Array;
  unit(n: number): Float32Array;
}

/** How one kernel is tried. */
export interface Case {
  readonly kernel: Kernel;
  /** Random uniforms. */
  readonly uniforms: fc.Arbitrary<Record<string, number>>;
  /** Each buffer's elements; of a buffer that is only written, their number. */
  buffers(u: Record<string, number>, draw: Draw): Record<string, Float32Array | number>;
  /** Largest difference allowed, relative to the largest element (at least 1). */
  readonly tolerance: number;
}

const side = fc.integer({ min: 1, max: 40 });
const planes = fc.integer({ min: 1, max: 3 });
const count = fc.integer({ min: 1, max: 5000 });
/** Evenly spread, as fc.double is not: half of what that draws is next to 0. */
const real = (min: number, max: number) =>
  fc.integer({ min: 0, max: 1 << 20 }).map((k) => min + (max - min) * k / (1 << 20));
const unit = real(0, 1);
/** Any 32-bit number. */
export const word = fc.nat(0xffffffff);
const planeSize = { planes, height: side, width: side };
const background = { red: unit, green: unit, blue: unit };
/** Of one image for all planes, or of one each. */
const pictured = fc.tuple(planes, fc.boolean(), fc.record({ pixels: count, ...background }))
  .map(([planes, shared, rest]) => ({ planes, images: shared ? 1 : planes, ...rest }));
const grid = { foregrounds: planes, backgrounds: planes, pixels: count };
const inOut = { inHeight: side, inWidth: side, outHeight: side, outWidth: side };
const drawn = { count, seed: word, stream: word, counter: word };

/** How every kernel is tried. */
export const CASES: Case[] = [
  {
    kernel: bilateralWeights,
    uniforms: fc.record({
      channels: fc.integer({ min: 1, max: 5 }),
      height: side,
      width: side,
      sigma: real(0.5, 10),
      tau: real(0.01, 1),
    }),
    buffers: ({ channels, height, width }, draw) => ({
      guide: draw.unit(channels * height * width),
      weights: 9 * height * width,
    }),
    // exp is exact to 3 + 2|x| units in the last place only.
    tolerance: 2e-6,
  },
  {
    kernel: blur,
    uniforms: fc.record(planeSize),
    buffers: ({ planes, height, width }, draw) => ({
      weights: someWeights(height, width, draw),
      x: draw.normal(planes * height * width),
      y: planes * height * width,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: blurAdjoint,
    uniforms: fc.record(planeSize),
    buffers: ({ planes, height, width }, draw) => ({
      weights: someWeights(height, width, draw),
      cotangent: draw.normal(planes * height * width),
      result: planes * height * width,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: sigmoid,
    uniforms: fc.record({ count }),
    // From where σ is 0 or 1 in 32 bits to where it is nearly linear.
    buffers: ({ count }, draw) => ({ x: draw.normal(count).map((x) => x ** 5), y: count }),
    tolerance: 1e-6,
  },
  {
    kernel: sigmoidAdjoint,
    uniforms: fc.record({ count }),
    buffers: ({ count }, draw) => ({
      y: draw.unit(count),
      cotangent: draw.normal(count),
      result: count,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: similarity,
    uniforms: fc.record({ planes, width: fc.integer({ min: 2, max: 700 }), scale: real(-20, 20) }),
    buffers: ({ planes, width }, draw) => ({
      embeds: draw.normal(planes * width),
      texts: draw.normal(planes * width).map((t) => t / Math.sqrt(width)),
      result: planes,
    }),
    // Of a sum of hundreds of numbers that nearly cancel.
    tolerance: 2e-5,
  },
  {
    kernel: similarityAdjoint,
    uniforms: fc.record({ planes, width: fc.integer({ min: 2, max: 700 }), scale: real(-20, 20) }),
    buffers: ({ planes, width }, draw) => ({
      embeds: draw.normal(planes * width),
      texts: draw.normal(planes * width).map((t) => t / Math.sqrt(width)),
      cotangent: draw.normal(planes),
      result: planes * width,
    }),
    tolerance: 2e-5,
  },
  {
    kernel: regularize,
    uniforms: fc.record({ count, lambda: unit }),
    buffers: ({ count }, draw) => ({ cotangent: draw.normal(count) }),
    tolerance: 1e-6,
  },
  {
    kernel: overlapAdjoint,
    uniforms: fc.record({ planes, pixels: count, weight: unit }),
    buffers: ({ planes, pixels }, draw) => ({
      alpha: draw.unit(planes * pixels),
      cotangent: draw.normal(planes * pixels),
    }),
    tolerance: 1e-6,
  },
  {
    kernel: composite,
    uniforms: pictured,
    buffers: ({ planes, images, pixels }, draw) => ({
      image: draw.unit(3 * images * pixels),
      alpha: draw.unit(planes * pixels),
      result: 3 * planes * pixels,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: compositeAdjoint,
    uniforms: pictured,
    buffers: ({ planes, images, pixels }, draw) => ({
      image: draw.unit(3 * images * pixels),
      cotangent: draw.normal(3 * planes * pixels),
      result: planes * pixels,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: compositeImageAdjoint,
    uniforms: fc.record({ planes, pixels: count }),
    buffers: ({ planes, pixels }, draw) => ({
      alpha: draw.unit(planes * pixels),
      cotangent: draw.normal(3 * planes * pixels),
      result: 3 * planes * pixels,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: layers,
    uniforms: fc.record(grid),
    buffers: ({ foregrounds, backgrounds, pixels }, draw) => ({
      pictures: draw.unit(3 * (foregrounds + backgrounds) * pixels),
      alpha: draw.unit(foregrounds * pixels),
      result: 3 * foregrounds * backgrounds * pixels,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: layersAdjoint,
    uniforms: fc.record(grid),
    buffers: ({ foregrounds, backgrounds, pixels }, draw) => ({
      pictures: draw.unit(3 * (foregrounds + backgrounds) * pixels),
      cotangent: draw.normal(3 * foregrounds * backgrounds * pixels),
      result: foregrounds * pixels,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: layersImageAdjoint,
    uniforms: fc.record(grid),
    buffers: ({ foregrounds, backgrounds, pixels }, draw) => ({
      alpha: draw.unit(foregrounds * pixels),
      cotangent: draw.normal(3 * foregrounds * backgrounds * pixels),
      result: 3 * (foregrounds + backgrounds) * pixels,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: resize,
    uniforms: fc.record({ planes, ...inOut }),
    buffers: (u, draw) => ({
      x: draw.normal(u.planes * u.inHeight * u.inWidth),
      y: u.planes * u.outHeight * u.outWidth,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: resizeAdjoint,
    uniforms: fc.record({ planes, ...inOut }),
    buffers: (u, draw) => ({
      cotangent: draw.normal(u.planes * u.outHeight * u.outWidth),
      result: u.planes * u.inHeight * u.inWidth,
    }),
    // Up to 40 · 40 terms, in another order than the twin's.
    tolerance: 1e-5,
  },
  {
    kernel: addNoise,
    uniforms: fc.record({ planes, count, signal: unit, sigma: unit }),
    buffers: ({ planes, count }, draw) => ({
      latents: draw.normal(planes * count),
      noise: draw.normal(count),
      result: 2 * planes * count,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: guide,
    uniforms: fc.record({
      planes,
      count,
      guidanceScale: real(0, 200),
      weight: unit,
      predictionScale: unit,
      noisyScale: unit,
    }),
    buffers: ({ planes, count }, draw) => ({
      prediction: draw.normal(2 * planes * count),
      noisy: draw.normal(2 * planes * count),
      noise: draw.normal(count),
      result: planes * count,
    }),
    tolerance: 1e-6,
  },
  {
    kernel: transfer,
    uniforms: fc.record({
      count,
      weight0: real(-3, 3),
      weight1: real(-3, 3),
      weight2: real(-3, 3),
      weight3: real(-3, 3),
      // From an ᾱ_t of 0.0025; below it, what rounding loses is multiplied more.
      signal: real(0.05, 1),
      sigma: unit,
      nextSignal: unit,
      nextSigma: unit,
      clip: fc.constantFrom(0.5, NO_CLIP),
    }),
    buffers: ({ count }, draw) => ({
      start: draw.normal(count),
      noise0: draw.normal(count),
      noise1: draw.normal(count),
      noise2: draw.normal(count),
      noise3: draw.normal(count),
      result: count,
      batch: 2 * count,
    }),
    tolerance: 2e-6,
  },
  {
    kernel: sgd,
    uniforms: fc.record({ count, learningRate: unit, momentum: unit }),
    buffers: ({ count }, draw) => ({
      parameters: draw.normal(count),
      gradient: draw.normal(count),
      velocity: draw.normal(count),
    }),
    tolerance: 1e-6,
  },
  {
    kernel: adam,
    uniforms: fc.record({
      count,
      learningRate: unit,
      beta1: fc.constantFrom(0, 0.5, 0.9),
      beta2: fc.constantFrom(0.9, 0.99, 0.999),
      epsilon: fc.constant(1e-8),
      correction1: real(0.1, 1),
      correction2: real(0.001, 1),
    }),
    buffers: ({ count }, draw) => ({
      parameters: draw.normal(count),
      gradient: draw.normal(count),
      firstMoment: draw.normal(count),
      secondMoment: draw.normal(count).map((x) => x * x),
    }),
    // 1 − β₂ loses three digits when β₂ is rounded to 32 bits.
    tolerance: 2e-5,
  },
  {
    kernel: uniform,
    uniforms: fc.record(drawn),
    buffers: ({ count }) => ({ result: count }),
    tolerance: 0,
  },
  {
    kernel: normal,
    uniforms: fc.record(drawn),
    buffers: ({ count }) => ({ result: count }),
    tolerance: 2e-6,
  },
  {
    kernel: sum,
    uniforms: fc.record({ planes, count }),
    buffers: ({ planes, count }, draw) => ({ x: draw.normal(planes * count), result: planes }),
    tolerance: 1e-6,
  },
];

/** Weights of a random guide, which are 0 for the neighbours out of the image, as blur wants. */
function someWeights(height: number, width: number, draw: Draw): Float32Array {
  const guide = draw.unit(height * width), weights = new Float32Array(9 * height * width);
  const uniforms = { channels: 1, height, width, sigma: 5, tau: 0.3 };
  bilateralWeights.twin({ guide, weights }, uniforms);
  return weights;
}
