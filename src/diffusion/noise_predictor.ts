import {
  type Backend,
  elements,
  type HostTensor,
  type Session,
  type Tensor,
  type TensorInfo,
} from "../backend/backend.ts";
import { hostArray } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { Embeddings } from "../prompt/embed.ts";
import { guide } from "./guidance.ts";
import type { LatentShape } from "./model.ts";
import { noiseLevel, type NoiseSchedule } from "./noise_schedule.ts";
import { type UnetPorts, unetPorts } from "./unet_ports.ts";

/** Settings and inputs of a {@link NoisePredictor}. */
export interface NoisePredictorSettings {
  /** The U-Net, loaded for a batch of 2P. */
  readonly unet: Session;
  /** The forward process. */
  readonly noiseSchedule: NoiseSchedule;
  /** Shape of one latent. */
  readonly latentShape: LatentShape;
  /** Text embeddings from {@link guidancePairs} (2P, T, D); the caller disposes of them. */
  readonly embeddings: Tensor;
  /** Number of prompts, P. */
  readonly prompts: number;
  /** g of classifier-free guidance. */
  readonly guidanceScale: number;
}

/** Tensors and weight of {@link NoisePredictor.residual}. */
export interface Residual {
  /** ε, of one latent's shape or of P latents'. */
  readonly noise: Tensor;
  /** w. */
  readonly weight: number;
  /** (P, C, h, w). */
  readonly result: Tensor;
}

/** Estimates the noise of latents with the frozen U-Net, under classifier-free guidance. */
export class NoisePredictor implements Disposable {
  /** z_t (2P, C, h, w), both halves alike: for the unconditional and the conditional prediction. */
  readonly noisy: Tensor;
  readonly #backend: Backend;
  readonly #settings: NoisePredictorSettings;
  readonly #prediction: Tensor;
  readonly #ports: UnetPorts<TensorInfo>;
  readonly #timestep: HostTensor;
  readonly #tensors: Disposable;

  constructor(backend: Backend, settings: NoisePredictorSettings) {
    const { prompts: P, latentShape, unet } = settings;
    this.#backend = backend;
    this.#settings = settings;
    this.#ports = unetPorts(unet);
    this.#timestep = hostTimestep(this.#ports.timestep, 2 * P);
    using scope = new TensorScope(backend);
    this.noisy = scope.tensor([2 * P, ...latentShape]);
    this.#prediction = scope.tensor([2 * P, ...latentShape]);
    this.#tensors = scope.move();
  }

  /** Predicts ε_u, ε_c = U(z_t, t, ∅), U(z_t, t, y) in one batch of 2P. */
  async predict(t: number) {
    const { data } = this.#timestep;
    if (data instanceof BigInt64Array) data.fill(BigInt(t));
    else data.fill(t);
    const { sample, timestep, embeddings, output } = this.#ports;
    await this.#settings.unet.run(
      {
        [sample.name]: this.noisy,
        [timestep.name]: this.#timestep,
        [embeddings.name]: this.#settings.embeddings,
      },
      { [output.name]: this.#prediction },
    );
  }

  /** Computes w(ε̂ − ε) with ε̂ = ε_u + g(ε_c − ε_u), of the last {@link predict} at t. */
  residual(t: number, { noise, weight, result }: Residual) {
    const { guidanceScale, noiseSchedule, prompts } = this.#settings;
    const { signal, sigma } = noiseLevel(noiseSchedule.alphasCumprod[t]);
    // A network that predicts v = √ᾱ_t ε − √(1−ᾱ_t) z means ε̂ = √ᾱ_t v + √(1−ᾱ_t) z_t.
    const [predictionScale, noisyScale] = noiseSchedule.predictionType === "epsilon"
      ? [1, 0]
      : [signal, sigma];
    this.#backend.dispatch(
      guide,
      { prediction: this.#prediction, noisy: this.noisy, noise, result },
      {
        planes: prompts,
        count: result.size / prompts,
        guidanceScale,
        weight,
        predictionScale,
        noisyScale,
      },
    );
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}

/** Room for the timestep in the type and shape that the U-Net takes: a scalar, or one per item. */
function hostTimestep({ dtype, shape }: TensorInfo, batch: number): HostTensor {
  const sizes = shape.map((dimension) => typeof dimension === "number" ? dimension : batch);
  return { dtype, shape: sizes, data: hostArray(dtype, elements(sizes)) };
}

/**
 * Pairs text embeddings as classifier-free guidance runs them, in one batch of 2P.
 *
 * @param embeddings Of the empty (or negative) prompt, then of the P prompts.
 * @returns (2P, T, D): P times the first, then the P prompts. The caller disposes of it.
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
