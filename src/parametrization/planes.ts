import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { Settings } from "../settings/settings.ts";
import { Fourier } from "./fourier.ts";
import { createFourierNetwork } from "./fourier_network.ts";
import { thetaNoise } from "./initial_theta.ts";
import type { Parameter, Parametrization } from "./parametrization.ts";
import { Raster } from "./raster.ts";
import { repeat } from "./repeat.ts";

/** What is optimised where images are made rather than given: planes of values from 0 to 1. */
export interface Planes extends Disposable {
  /** What the optimiser changes. */
  readonly parameters: readonly Parameter[];
  /** x (P·C, H, W), 0..1, written by {@link forward}. */
  readonly values: Tensor;
  /** x from the parameters. */
  forward(): void | Promise<void>;
  /** The parameters' cotangents from x̄. */
  adjoint(cotangent: Tensor): void | Promise<void>;
}

/** How many planes, and what they start from. */
export interface PlanesOptions extends Pick<Settings, "variant" | "seed" | "frequencyScale"> {
  /** A plane's value is a number of its own in each pixel, or what a network makes of its place. */
  readonly variant: "raster" | "fourier";
  /** P, the number of images or masks; all start alike. */
  readonly count: number;
  /** C, 3 for images, 1 for masks. */
  readonly channels: 1 | 3;
  /** Side in pixels. */
  readonly size: number;
  /** Number of these planes in the optimisation: others start from other numbers. */
  readonly network: number;
}

/**
 * Makes planes that no image's edges guide: x = σ(θ) or σ(f_φ(uv)), as the masks of *raster* and
 * *Fourier* are, with any number of channels.
 *
 * @throws {UserError} If the device has not the memory.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { createPlanes } from "./planes.ts";
 *
 * await using backend = await createCpuBackend();
 * const shape = { count: 2, channels: 3, size: 16 } as const;
 * const options = { ...shape, variant: "fourier", network: 1, seed: 0, frequencyScale: 4 } as const;
 * using images = await createPlanes(backend, options);
 * console.assert(images.values.shape.join() === "6,16,16");
 * ```
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
    // The network writes θ before it is read.
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
