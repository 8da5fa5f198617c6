import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { Settings } from "../settings/settings.ts";
import { Fourier } from "./fourier.ts";
import { createFourierNetwork } from "./fourier_network.ts";
import { thetaNoise } from "./initial_theta.ts";
import { type Parameter, type Parametrization, repeat } from "./parametrization.ts";
import { Raster } from "./raster.ts";

/** Images that are optimised rather than given: planes of values from 0 to 1. */
export interface Planes extends Disposable {
  /** The tensors that the optimiser changes. */
  readonly parameters: readonly Parameter[];
  /** x (P·C, H, W), 0..1; {@link forward} writes it. */
  readonly values: Tensor;
  /** Computes x from the parameters. */
  forward(): void | Promise<void>;
  /** Computes the parameters' cotangents from x̄ (P·C, H, W). */
  adjoint(cotangent: Tensor): void | Promise<void>;
}

/** Options of {@link createPlanes}. */
export interface PlanesOptions extends Pick<Settings, "variant" | "seed" | "frequencyScale"> {
  /** *raster*: each pixel is a parameter; *fourier*: a network maps its position to its value. */
  readonly variant: "raster" | "fourier";
  /** P, the number of images or masks. All start alike. */
  readonly count: number;
  /** C: 3 for images, 1 for masks. */
  readonly channels: 1 | 3;
  /** Side in pixels. */
  readonly size: number;
  /** Number of these planes in the optimisation; each number starts from values of its own. */
  readonly network: number;
}

/**
 * Creates planes x = σ(θ) or σ(f_φ(uv)), the parametrizations *raster* and *Fourier* with any number
 * of channels. No image's edges guide them.
 *
 * @throws {UserError} If the device lacks the memory.
 */
export async function createPlanes(
  backend: Backend,
  { variant, count, channels, size, network, seed, frequencyScale }: PlanesOptions,
): Promise<Planes> {
  const shape = [count * channels, size, size];
  using scope = new TensorScope(backend);
  let parametrization: Parametrization;
  if (variant === "fourier") {
    const sizes = { networks: count, channels, height: size, width: size };
    const options = { ...sizes, seed, network, frequencyScale };
    const networks = scope.use(await createFourierNetwork(backend, options));
    // The network writes θ before the raster reads it.
    parametrization = new Fourier(networks, new Raster(backend, backend.tensor(shape)));
  } else {
    const theta = repeat(thetaNoise(channels * size * size, seed, network), count);
    parametrization = new Raster(backend, backend.tensor(shape, theta));
  }
  scope.move();
  return {
    parameters: parametrization.parameters,
    values: parametrization.alpha,
    forward: () => parametrization.forward(),
    adjoint: (cotangent) => parametrization.adjoint(cotangent),
    [Symbol.dispose]: () => parametrization[Symbol.dispose](),
  };
}
