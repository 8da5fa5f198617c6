import {
  type Backend,
  elements,
  type HostTensor,
  type Session,
  type Tensor,
  type TensorInfo,
} from "../backend/backend.ts";
import { hostArray } from "../backend/host_array.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { guide } from "./guidance.ts";
import { addNoise } from "./noise.ts";
import type { Scheduler } from "./scheduler.ts";
import { type UnetPorts, unetPorts } from "./unet_ports.ts";

/** What a {@link Denoiser} computes with. */
export interface DenoiserSettings {
  /** The U-Net, loaded for a batch of 2P. */
  readonly unet: Session;
  /** The forward process. */
  readonly scheduler: Scheduler;
  /** Shape of one latent: channels, height, width. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
  /** Text embeddings (2P, T, D): P times the empty prompt, then the P prompts; stays the caller's. */
  readonly embeddings: Tensor;
  /** Number of prompts, P. */
  readonly prompts: number;
  /** g of classifier-free guidance. */
  readonly guidanceScale: number;
}

/**
 * The stages *noise*, *predict* and *guide*: the frozen U-Net's opinion on noisy latents, turned
 * into the cotangent of the latents (score distillation, Poole et al. 2022, equation 3).
 */
export class Denoiser implements Disposable {
  /** ε (C, h, w), shared by all prompts; written by the draws. */
  readonly noise: Tensor;
  /** z̄ (P, C, h, w), written by {@link guide}. */
  readonly latentCotangent: Tensor;
  readonly #backend: Backend;
  readonly #settings: DenoiserSettings;
  /** z_t, twice: for the unconditional and the conditional prediction. */
  readonly #noisy: Tensor;
  readonly #prediction: Tensor;
  readonly #ports: UnetPorts<TensorInfo>;
  readonly #timestep: HostTensor;
  readonly #tensors: Disposable;

  constructor(backend: Backend, settings: DenoiserSettings) {
    const { prompts: P, latentShape, unet } = settings;
    this.#backend = backend;
    this.#settings = settings;
    this.#ports = unetPorts(unet);
    this.#timestep = hostTimestep(this.#ports.timestep, 2 * P);
    using scope = new TensorScope(backend);
    this.noise = scope.tensor(latentShape);
    this.latentCotangent = scope.tensor([P, ...latentShape]);
    this.#noisy = scope.tensor([2 * P, ...latentShape]);
    this.#prediction = scope.tensor([2 * P, ...latentShape]);
    this.#tensors = scope.move();
  }

  /** z_t = √ᾱ_t z + √(1−ᾱ_t) ε, from z (P, C, h, w). */
  addNoise(latents: Tensor, t: number) {
    this.#backend.dispatch(
      addNoise,
      { latents, noise: this.noise, result: this.#noisy },
      { ...this.#counts(), ...this.#coefficients(t) },
    );
  }

  /** ε_u, ε_c = U(z_t, t, ∅), U(z_t, t, prompt): one batch of 2P. */
  async predict(t: number) {
    const { data } = this.#timestep;
    if (data instanceof BigInt64Array) data.fill(BigInt(t));
    else data.fill(t);
    const { sample, timestep, embeddings, output } = this.#ports;
    await this.#settings.unet.run(
      {
        [sample.name]: this.#noisy,
        [timestep.name]: this.#timestep,
        [embeddings.name]: this.#settings.embeddings,
      },
      { [output.name]: this.#prediction },
    );
  }

  /** z̄ = w(t)(ε̂ − ε) with ε̂ = ε_u + g(ε_c − ε_u) and w(t) = 1 − ᾱ_t. */
  guide(t: number) {
    const { guidanceScale, scheduler } = this.#settings;
    const { signal, sigma } = this.#coefficients(t);
    // A network that predicts v = √ᾱ_t ε − √(1−ᾱ_t) z means ε̂ = √ᾱ_t v + √(1−ᾱ_t) z_t.
    const [predictionScale, noisyScale] = scheduler.predictionType === "epsilon"
      ? [1, 0]
      : [signal, sigma];
    this.#backend.dispatch(
      guide,
      {
        prediction: this.#prediction,
        noisy: this.#noisy,
        noise: this.noise,
        result: this.latentCotangent,
      },
      { ...this.#counts(), guidanceScale, weight: sigma ** 2, predictionScale, noisyScale },
    );
  }

  #counts() {
    return { planes: this.#settings.prompts, count: this.noise.size };
  }

  /** √ᾱ_t and √(1−ᾱ_t). */
  #coefficients(t: number) {
    const alphaCumprod = this.#settings.scheduler.alphasCumprod[t];
    return { signal: Math.sqrt(alphaCumprod), sigma: Math.sqrt(1 - alphaCumprod) };
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}

/** Room for the timestep, in the type and shape the U-Net takes: a scalar, or one a batch item. */
function hostTimestep({ dtype, shape }: TensorInfo, batch: number): HostTensor {
  const sizes = shape.map((dimension) => typeof dimension === "number" ? dimension : batch);
  return { dtype, shape: sizes, data: hostArray(dtype, elements(sizes)) };
}
