import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { NoisePredictor, type NoisePredictorSettings } from "./noise_predictor.ts";
import type { SamplingPlan } from "./sampling_plan.ts";
import { MAX_ESTIMATES, MAX_WEIGHTS, type SamplingStep } from "./sampling_step.ts";
import { noiseLevel } from "./noise_schedule.ts";
import { transfer } from "./transfer.ts";

/**
 * Ordinary text-to-image: takes the steps of a {@link SamplingPlan} from noise to clean latents. Latents
 * and estimates stay on the device.
 */
export class Sampler implements Disposable {
  readonly #backend: Backend;
  readonly #settings: NoisePredictorSettings;
  readonly #plan: SamplingPlan;
  readonly #predictor: NoisePredictor;
  /** The latents with which the present step began (P, C, h, w). */
  #start: Tensor;
  /** The latents after its last move (P, C, h, w). */
  #moved: Tensor;
  /** Estimates ε̂ (P, C, h, w), the latest first; those at the end are free. */
  readonly #estimates: Tensor[];
  readonly #zeros: Tensor;
  readonly #tensors: Disposable;

  constructor(backend: Backend, settings: NoisePredictorSettings, plan: SamplingPlan) {
    this.#backend = backend;
    this.#settings = settings;
    this.#plan = plan;
    const shape = [settings.prompts, ...settings.latentShape];
    using scope = new TensorScope(backend);
    this.#predictor = scope.use(new NoisePredictor(backend, settings));
    this.#start = scope.tensor(shape);
    this.#moved = scope.tensor(shape);
    this.#estimates = Array.from({ length: MAX_ESTIMATES }, () => scope.tensor(shape));
    this.#zeros = scope.tensor(shape);
    this.#tensors = scope.move();
  }

  /** z (P, C, h, w), clean after the last step. It is another tensor after each step. */
  get latents(): Tensor {
    return this.#start;
  }

  /** Starts every prompt from the same noise (C, h, w), N(0, 1). */
  start(noise: Float32Array) {
    const batch = new Float32Array(2 * this.#start.size);
    for (let at = 0; at < batch.length; at += noise.length) batch.set(noise, at);
    this.#backend.write(this.#start, batch.subarray(0, this.#start.size));
    this.#backend.write(this.#predictor.noisy, batch);
  }

  /** Takes one of the plan's steps. */
  async step(step: SamplingStep) {
    const [{ timestep: from }] = step;
    for (const { timestep, weights, target } of step) {
      await this.#predictor.predict(timestep);
      const estimate = this.#estimates.pop()!;
      this.#estimates.unshift(estimate);
      // ε̂ itself is its residual against no noise.
      this.#predictor.residual(timestep, { noise: this.#zeros, weight: 1, result: estimate });
      this.#move(from, target, weights);
    }
    // Later steps use the first estimate only.
    this.#estimates.push(...this.#estimates.splice(0, step.length - 1));
    [this.#start, this.#moved] = [this.#moved, this.#start];
  }

  #move(from: number, target: number | "end", weights: readonly number[]) {
    const { alphasCumprod } = this.#settings.noiseSchedule;
    const { finalAlphaCumprod, clip } = this.#plan;
    const next = noiseLevel(target === "end" ? finalAlphaCumprod : alphasCumprod[target]);
    const [noise0, noise1, noise2, noise3] = this.#estimates;
    const [weight0, weight1, weight2, weight3] = Array.from(
      { length: MAX_WEIGHTS },
      (_, k) => weights[k] ?? 0,
    );
    this.#backend.dispatch(
      transfer,
      {
        start: this.#start,
        ...{ noise0, noise1, noise2, noise3 },
        result: this.#moved,
        batch: this.#predictor.noisy,
      },
      {
        count: this.#start.size,
        ...{ weight0, weight1, weight2, weight3 },
        ...noiseLevel(alphasCumprod[from]),
        nextSignal: next.signal,
        nextSigma: next.sigma,
        clip,
      },
    );
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
