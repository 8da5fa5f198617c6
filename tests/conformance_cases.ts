import fc from "./fast_check.ts";
import { bilateralWeights, blur, blurAdjoint } from "../src/parametrization/bilateral.ts";
import { overlapAdjoint } from "../src/parametrization/overlap.ts";
import { regularize } from "../src/parametrization/regularize.ts";
import { sigmoid, sigmoidAdjoint } from "../src/parametrization/sigmoid.ts";
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

/** A trial of one kernel. */
export interface Case<B extends string = string, U extends string = string> {
  readonly kernel: Kernel<B, U>;
  /** Random uniforms. */
  readonly uniforms: fc.Arbitrary<Record<U, number>>;
  /** Uniforms as in use: three masks of an image of `side`² pixels, an even number. */
  atSide(side: number): Record<U, number>;
  /** Each buffer's elements; of a buffer that is only written, their number. */
  buffers(u: Record<U, number>, draw: Draw): Record<B, Float32Array | number>;
  /** Largest difference allowed, relative to the largest element (at least 1). */
  readonly tolerance: number;
}

/** A case whose uniforms and buffers are the kernel's: a missing one is a compile-time error. */
function tried<B extends string, U extends string>(entry: Case<B, U>): Case {
  return entry;
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
const withImage = fc.tuple(planes, fc.boolean(), fc.record({ pixels: count, ...background }))
  .map(([planes, shared, rest]) => ({ planes, images: shared ? 1 : planes, ...rest }));
const grid = { foregrounds: planes, backgrounds: planes, pixels: count };
const inOut = { inHeight: side, inWidth: side, outHeight: side, outWidth: side };
const drawn = { count, seed: word, stream: word, counter: word };

/** Masks in use. */
const MASKS = 3;
const planesAt = (side: number) => ({ planes: MASKS, height: side, width: side });
const elementsAt = (side: number) => ({ count: MASKS * side * side });
const colors = { red: 0.2, green: 0.4, blue: 0.6 };
const withImageAt = (side: number) => ({
  planes: MASKS,
  images: 1,
  pixels: side * side,
  ...colors,
});
const gridAt = (side: number) => ({ foregrounds: MASKS, backgrounds: 2, pixels: side * side });
const inOutAt = (side: number) => ({
  planes: 3 * MASKS,
  inHeight: side / 2,
  inWidth: side / 2,
  outHeight: side,
  outWidth: side,
});
const drawnAt = (side: number) => ({ ...elementsAt(side), seed: 1, stream: 0, counter: 0 });
/** CLIP's embeddings; no side matters. */
const embeddingsInUse = () => ({ planes: MASKS, width: 512, scale: 100 });

/** A trial of every kernel. */
export const CASES: Case[] = [
  tried({
    kernel: bilateralWeights,
    uniforms: fc.record({
      channels: fc.integer({ min: 1, max: 5 }),
      height: side,
      width: side,
      sigma: real(0.5, 10),
      tau: real(0.01, 1),
    }),
    atSide: (side) => ({ channels: 3, height: side, width: side, sigma: 5, tau: 0.08 }),
    buffers: ({ channels, height, width }, draw) => ({
      guide: draw.unit(channels * height * width),
      weights: 9 * height * width,
    }),
    // exp is exact to 3 + 2|x| units in the last place only.
    tolerance: 2e-6,
  }),
  tried({
    kernel: blur,
    uniforms: fc.record(planeSize),
    atSide: planesAt,
    buffers: ({ planes, height, width }, draw) => ({
      weights: someWeights(height, width, draw),
      x: draw.normal(planes * height * width),
      y: planes * height * width,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: blurAdjoint,
    uniforms: fc.record(planeSize),
    atSide: planesAt,
    buffers: ({ planes, height, width }, draw) => ({
      weights: someWeights(height, width, draw),
      cotangent: draw.normal(planes * height * width),
      result: planes * height * width,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: sigmoid,
    uniforms: fc.record({ count }),
    atSide: elementsAt,
    // From where σ is 0 or 1 in 32 bits to where it is nearly linear.
    buffers: ({ count }, draw) => ({ x: draw.normal(count).map((x) => x ** 5), y: count }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: sigmoidAdjoint,
    uniforms: fc.record({ count }),
    atSide: elementsAt,
    buffers: ({ count }, draw) => ({
      y: draw.unit(count),
      cotangent: draw.normal(count),
      result: count,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: similarity,
    uniforms: fc.record({ planes, width: fc.integer({ min: 2, max: 700 }), scale: real(-20, 20) }),
    atSide: embeddingsInUse,
    buffers: ({ planes, width }, draw) => ({
      embeds: draw.normal(planes * width),
      texts: draw.normal(planes * width).map((t) => t / Math.sqrt(width)),
      result: planes,
    }),
    // Of a sum of hundreds of numbers that nearly cancel.
    tolerance: 2e-5,
  }),
  tried({
    kernel: similarityAdjoint,
    uniforms: fc.record({ planes, width: fc.integer({ min: 2, max: 700 }), scale: real(-20, 20) }),
    atSide: embeddingsInUse,
    buffers: ({ planes, width }, draw) => ({
      embeds: draw.normal(planes * width),
      texts: draw.normal(planes * width).map((t) => t / Math.sqrt(width)),
      cotangent: draw.normal(planes),
      result: planes * width,
    }),
    tolerance: 2e-5,
  }),
  tried({
    kernel: regularize,
    uniforms: fc.record({ count, lambda: unit }),
    atSide: (side) => ({ ...elementsAt(side), lambda: 0.05 }),
    buffers: ({ count }, draw) => ({ cotangent: draw.normal(count) }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: overlapAdjoint,
    uniforms: fc.record({ planes, pixels: count, weight: unit }),
    atSide: (side) => ({ planes: MASKS, pixels: side * side, weight: 0.2 }),
    buffers: ({ planes, pixels }, draw) => ({
      alpha: draw.unit(planes * pixels),
      cotangent: draw.normal(planes * pixels),
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: composite,
    uniforms: withImage,
    atSide: withImageAt,
    buffers: ({ planes, images, pixels }, draw) => ({
      image: draw.unit(3 * images * pixels),
      alpha: draw.unit(planes * pixels),
      result: 3 * planes * pixels,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: compositeAdjoint,
    uniforms: withImage,
    atSide: withImageAt,
    buffers: ({ planes, images, pixels }, draw) => ({
      image: draw.unit(3 * images * pixels),
      cotangent: draw.normal(3 * planes * pixels),
      result: planes * pixels,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: compositeImageAdjoint,
    uniforms: fc.record({ planes, pixels: count }),
    atSide: (side) => ({ planes: MASKS, pixels: side * side }),
    buffers: ({ planes, pixels }, draw) => ({
      alpha: draw.unit(planes * pixels),
      cotangent: draw.normal(3 * planes * pixels),
      result: 3 * planes * pixels,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: layers,
    uniforms: fc.record(grid),
    atSide: gridAt,
    buffers: ({ foregrounds, backgrounds, pixels }, draw) => ({
      images: draw.unit(3 * (foregrounds + backgrounds) * pixels),
      alpha: draw.unit(foregrounds * pixels),
      result: 3 * foregrounds * backgrounds * pixels,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: layersAdjoint,
    uniforms: fc.record(grid),
    atSide: gridAt,
    buffers: ({ foregrounds, backgrounds, pixels }, draw) => ({
      images: draw.unit(3 * (foregrounds + backgrounds) * pixels),
      cotangent: draw.normal(3 * foregrounds * backgrounds * pixels),
      result: foregrounds * pixels,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: layersImageAdjoint,
    uniforms: fc.record(grid),
    atSide: gridAt,
    buffers: ({ foregrounds, backgrounds, pixels }, draw) => ({
      alpha: draw.unit(foregrounds * pixels),
      cotangent: draw.normal(3 * foregrounds * backgrounds * pixels),
      result: 3 * (foregrounds + backgrounds) * pixels,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: resize,
    uniforms: fc.record({ planes, ...inOut }),
    atSide: inOutAt,
    buffers: (u, draw) => ({
      x: draw.normal(u.planes * u.inHeight * u.inWidth),
      y: u.planes * u.outHeight * u.outWidth,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: resizeAdjoint,
    uniforms: fc.record({ planes, ...inOut }),
    atSide: inOutAt,
    buffers: (u, draw) => ({
      cotangent: draw.normal(u.planes * u.outHeight * u.outWidth),
      result: u.planes * u.inHeight * u.inWidth,
    }),
    // Up to 40 · 40 terms, in another order than the twin's.
    tolerance: 1e-5,
  }),
  tried({
    kernel: addNoise,
    uniforms: fc.record({ planes, count, signal: unit, sigma: unit }),
    atSide: (side) => ({ planes: MASKS, count: 4 * side * side, signal: 0.6, sigma: 0.8 }),
    buffers: ({ planes, count }, draw) => ({
      latents: draw.normal(planes * count),
      noise: draw.normal(count),
      result: 2 * planes * count,
    }),
    tolerance: 1e-6,
  }),
  tried({
    kernel: guide,
    uniforms: fc.record({
      planes,
      count,
      guidanceScale: real(0, 200),
      weight: unit,
      predictionScale: unit,
      noisyScale: unit,
    }),
    atSide: (side) => ({
      planes: MASKS,
      count: 4 * side * side,
      guidanceScale: 100,
      weight: 0.4,
      predictionScale: 1,
      noisyScale: 0,
    }),
    buffers: ({ planes, count }, draw) => ({
      prediction: draw.normal(2 * planes * count),
      noisy: draw.normal(2 * planes * count),
      noise: draw.normal(count),
      result: planes * count,
    }),
    tolerance: 1e-6,
  }),
  tried({
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
    atSide: (side) => ({
      count: 4 * side * side,
      weight0: 2.3,
      weight1: -2.5,
      weight2: 1.5,
      weight3: -0.4,
      signal: 0.6,
      sigma: 0.8,
      nextSignal: 0.7,
      nextSigma: 0.7,
      clip: NO_CLIP,
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
  }),
  tried({
    kernel: sgd,
    uniforms: fc.record({ count, learningRate: unit, momentum: unit }),
    atSide: (side) => ({ ...elementsAt(side), learningRate: 1, momentum: 0.9 }),
    buffers: ({ count }, draw) => ({
      parameters: draw.normal(count),
      gradient: draw.normal(count),
      velocity: draw.normal(count),
    }),
    tolerance: 1e-6,
  }),
  tried({
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
    atSide: (side) => ({
      ...elementsAt(side),
      learningRate: 0.1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      correction1: 0.1,
      correction2: 0.001,
    }),
    buffers: ({ count }, draw) => ({
      parameters: draw.normal(count),
      gradient: draw.normal(count),
      firstMoment: draw.normal(count),
      secondMoment: draw.normal(count).map((x) => x * x),
    }),
    // 1 − β₂ loses three digits when β₂ is rounded to 32 bits.
    tolerance: 2e-5,
  }),
  tried({
    kernel: uniform,
    uniforms: fc.record(drawn),
    atSide: drawnAt,
    buffers: ({ count }) => ({ result: count }),
    tolerance: 0,
  }),
  tried({
    kernel: normal,
    uniforms: fc.record(drawn),
    atSide: drawnAt,
    buffers: ({ count }) => ({ result: count }),
    tolerance: 2e-6,
  }),
  tried({
    kernel: sum,
    uniforms: fc.record({ planes, count }),
    atSide: (side) => ({ planes: MASKS, count: side * side }),
    buffers: ({ planes, count }, draw) => ({ x: draw.normal(planes * count), result: planes }),
    tolerance: 1e-6,
  }),
];

/** Weights of a random guide, which are 0 for the neighbours out of the image, as blur wants. */
function someWeights(height: number, width: number, draw: Draw): Float32Array {
  const guide = draw.unit(height * width), weights = new Float32Array(9 * height * width);
  const uniforms = { channels: 1, height, width, sigma: 5, tau: 0.3 };
  bilateralWeights.twin({ guide, weights }, uniforms);
  return weights;
}
