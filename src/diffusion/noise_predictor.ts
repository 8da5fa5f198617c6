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
import { guide } from "./guidance.ts";
import { noiseLevel, type NoiseSchedule } from "./noise_schedule.ts";
import { type UnetPorts, unetPorts } from "./unet_ports.ts";

/** What a {@link NoisePredictor} computes with. */
export interface NoisePredictorSettings {
  /** The U-Net, loaded for a batch of 2P. */
  readonly unet: Session;
  /** The forward process. */
  readonly noiseSchedule: NoiseSchedule;
  /** Shape of one latent: channels, height, width. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
  /** Text embeddings (2P, T, D): P times the empty prompt, then the P prompts; stays the caller's. */
  readonly embeddings: Tensor;
  /** Number of prompts, P. */
  readonly prompts: number;
  /** g of classifier-free guidance. */
  readonly guidanceScale: number;
}

/** Where {@link NoisePredictor.residual} reads and writes. */
export interface Residual {
  /** ε, of one latent's shape or of P latents'. */
  readonly noise: Tensor;
  /** w. */
  readonly weight: number;
  /** (P, C, h, w). */
  readonly result: Tensor;
}

/** The frozen U-Net's opinion on noisy latents, under classifier-free guidance. */
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

  /** ε_u, ε_c = U(z_t, t, ∅), U(z_t, t, prompt): one batch of 2P. */
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

  /** w(ε̂ − ε) with ε̂ = ε_u + g(ε_c − ε_u), of the last {@link predict} at t. */
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

/** Room for the timestep, in the type and shape the U-Net takes: a scalar, or one a batch item. */
function hostTimestep({ dtype, shape }: TensorInfo, batch: number): HostTensor {
  const sizes = shape.map((dimension) => typeof dimension === "number" ? dimension : batch);
  return { dtype, shape: sizes, data: hostArray(dtype, elements(sizes)) };
}
