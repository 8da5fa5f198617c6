import { bilateralWeights, blur, blurAdjoint } from "../parametrization/bilateral.ts";
import { overlapAdjoint, regularize } from "../parametrization/regularizer.ts";
import { sigmoid, sigmoidAdjoint } from "../parametrization/sigmoid.ts";
import type { Backend, Tensor } from "../backend/backend.ts";
import type { Kernel } from "../backend/kernel.ts";
import { normal, uniform } from "../backend/random.ts";
import { sum } from "../backend/reduce.ts";
import { Encoder } from "../diffusion/encoder.ts";
import { similarity, similarityAdjoint } from "../clip/similarity.ts";
import { guide } from "../diffusion/guidance.ts";
import { loadNetworks } from "../diffusion/load_networks.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { addNoise } from "../diffusion/noise.ts";
import { transfer } from "../diffusion/transfer.ts";
import { composite, compositeAdjoint, compositeImageAdjoint } from "../image/composite.ts";
import { layers, layersAdjoint, layersImageAdjoint } from "../image/layers.ts";
import { resize, resizeAdjoint } from "../image/resize.ts";
import { adam } from "../optimize/adam.ts";
import { sgd } from "../optimize/sgd.ts";

/** The result of one test on a device. */
export interface Check {
  readonly name: string;
  /** Largest deviation of the device's values from the right ones, relative to the largest value. */
  readonly error: number;
  readonly passed: boolean;
}

/** A kernel, uniforms to test it with, and the lengths of its buffers in the order of bindings. */
type Trial = [kernel: Kernel, uniforms: Record<string, number>, lengths: number[]];

const pixels = { planes: 2, height: 9, width: 7 };
const rgb = { planes: 2, images: 2, pixels: 63, red: 0.2, green: 0.5, blue: 0.9 };
const grid = { foregrounds: 2, backgrounds: 3, pixels: 63 };
const sizes = { planes: 2, inHeight: 9, inWidth: 7, outHeight: 16, outWidth: 5 };
const draws = { count: 200, seed: 1, stream: 2, counter: 3 };
const rates = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const guidance = { guidanceScale: 7.5, weight: 0.4, predictionScale: 0.8, noisyScale: 0.6 };

const weights = { weight0: 2.3, weight1: -2.5, weight2: 1.5, weight3: -0.4 };
const levels = { signal: 0.6, sigma: 0.8, nextSignal: 0.8, nextSigma: 0.6, clip: 1 };

const TRIALS: readonly Trial[] = [
  [bilateralWeights, { channels: 3, height: 9, width: 7, sigma: 5, tau: 0.5 }, [189, 567]],
  [blur, pixels, [567, 126, 126]],
  [blurAdjoint, pixels, [567, 126, 126]],
  [sigmoid, { count: 200 }, [200, 200]],
  [sigmoidAdjoint, { count: 200 }, [200, 200, 200]],
  [regularize, { count: 200, lambda: 0.3 }, [200]],
  [overlapAdjoint, { planes: 3, pixels: 63, weight: 0.4 }, [189, 189]],
  [composite, rgb, [378, 126, 378]],
  [compositeAdjoint, rgb, [378, 378, 126]],
  [compositeImageAdjoint, { planes: 2, pixels: 63 }, [126, 378, 378]],
  [layers, grid, [945, 126, 1134]],
  [layersAdjoint, grid, [945, 1134, 126]],
  [layersImageAdjoint, grid, [126, 1134, 945]],
  [resize, sizes, [126, 160]],
  [resizeAdjoint, sizes, [160, 126]],
  [addNoise, { planes: 2, count: 50, signal: 0.8, sigma: 0.6 }, [100, 50, 200]],
  [guide, { planes: 2, count: 50, ...guidance }, [200, 200, 50, 100]],
  [transfer, { count: 50, ...weights, ...levels }, [50, 50, 50, 50, 50, 50, 100]],
  [similarity, { planes: 2, width: 50, scale: 14 }, [100, 100, 2]],
  [similarityAdjoint, { planes: 2, width: 50, scale: 14 }, [100, 100, 2, 100]],
  [sgd, { count: 200, learningRate: 0.1, momentum: 0.9 }, [200, 200, 200]],
  [adam, { count: 200, ...rates, correction1: 0.19, correction2: 0.002 }, [200, 200, 200, 200]],
  [sum, { planes: 2, count: 100 }, [200, 2]],
  [uniform, draws, [200]],
  [normal, draws, [200]],
];

/** Runs every kernel on the backend, and compares it with its twin on the same inputs. */
export async function testKernels(backend: Backend): Promise<Check[]> {
  const checks = [];
  for (const [kernel, uniforms, lengths] of TRIALS) {
    const names = Object.keys(kernel.bindings);
    const expected = Object.fromEntries(
      names.map((name, i) => [name, randomUniforms(lengths[i], i)]),
    );
    using stack = new DisposableStack();
    const tensors: Record<string, Tensor> = {};
    for (const name of names) {
      tensors[name] = stack.use(backend.tensor([expected[name].length], expected[name]));
    }
    backend.dispatch(kernel, tensors, uniforms);
    kernel.twin(expected, uniforms);
    let error = 0;
    for (const name of names) {
      error = Math.max(error, difference(await backend.read(tensors[name]), expected[name]));
    }
    checks.push({ name: `kernel ${kernel.name}`, error, passed: error <= 1e-5 });
  }
  return checks;
}

/**
 * Checks the model's encoder against its own vector-Jacobian product: along a random direction v,
 * ⟨z̄, (z(x + hv) − z(x − hv)) / 2h⟩ must be ⟨Jᵀz̄, v⟩.
 */
export async function testVjp(model: DiffusionModel): Promise<Check> {
  const { backend, imageSize } = model;
  using encoder = new Encoder(backend, await loadNetworks(model, 1, "mean"));
  const size = 3 * imageSize ** 2;
  const x = randomUniforms(size, 0).map((value) => 0.25 + value / 2);
  const v = randomUniforms(size, 1).map((value) => value - 0.5);
  using image = backend.tensor([1, 3, imageSize, imageSize], x);
  const latentCotangent = randomUniforms(encoder.latents.size, 2).map((value) => value - 0.5);
  using cotangent = backend.tensor(encoder.latents.shape, latentCotangent);

  await encoder.forward(image);
  await encoder.adjoint(cotangent);
  const analytic = dot(await backend.read(encoder.imageCotangent), v);

  const h = 0.01;
  const along = async (step: number) => {
    backend.write(image, x.map((value, i) => value + step * v[i]));
    await encoder.forward(image);
    return dot(await backend.read(encoder.latents), latentCotangent);
  };
  const numeric = (await along(h) - await along(-h)) / (2 * h);
  const error = Math.abs(analytic - numeric) / Math.max(1e-6, Math.abs(numeric));
  return { name: "encoder's vector-Jacobian product", error, passed: error <= 0.02 };
}

function randomUniforms(count: number, stream: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(count);
  uniform.twin({ result }, { count, seed: 7, stream, counter: 0 });
  return result;
}

/** The largest difference, relative to the largest expected value (at least 1). */
function difference(actual: Float32Array, wanted: Float32Array): number {
  let error = 0, scale = 1;
  for (let i = 0; i < wanted.length; i++) {
    scale = Math.max(scale, Math.abs(wanted[i]));
    // A value that is not a number counts as infinitely wrong.
    error = Math.max(error, Number.isNaN(actual[i]) ? Infinity : Math.abs(actual[i] - wanted[i]));
  }
  return error / scale;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((total, value, i) => total + value * b[i], 0);
}
