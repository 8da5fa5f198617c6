import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { Settings } from "../settings/settings.ts";
import { BilateralRaster } from "./bilateral_raster.ts";
import { Fourier } from "./fourier.ts";
import { createFourierNetwork } from "./fourier_network.ts";
import { thetaNoise } from "./initial_theta.ts";
import type { Parametrization } from "./parametrization.ts";
import { Raster } from "./raster.ts";
import { repeat } from "./repeat.ts";

/** What the variants are made of: whose values θ are, and whether they are blurred. */
const VARIANT_PARTS = {
  raster: { network: false, blur: false },
  "rgb-bilateral": { network: false, blur: true },
  "depth-bilateral": { network: false, blur: true },
  fourier: { network: true, blur: false },
  "fourier-bilateral": { network: true, blur: true },
} satisfies Record<Settings["variant"], { network: boolean; blur: boolean }>;

/** What masks are made for. */
export interface ParametrizationInputs {
  /**
   * What the blur follows (C, A, A), 0..1: the image, or of *depth bilateral* a depth map; stays the
   * caller's.
   */
  readonly guide: Tensor;
  /** P, the number of masks; all start alike. */
  readonly prompts: number;
  /** Initial θ (A, A) of the raster variants; N(0, 1) from the seed unless given. */
  readonly theta?: Float32Array | undefined;
}

/**
 * Makes the parametrization of a variant, with the initial values of the settings' seed.
 *
 * @throws {UserError} If the device has not the memory.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { GENERIC_DEFAULTS } from "../catalog/models.ts";
 * import { resolveSettings } from "../settings/settings.ts";
 * import { createParametrization } from "./create_parametrization.ts";
 *
 * await using backend = await createCpuBackend();
 * const settings = resolveSettings(GENERIC_DEFAULTS, { variant: "raster", alphaSize: 16 }, 1000);
 * using guide = backend.tensor([3, 16, 16]);
 * using parametrization = await createParametrization(backend, settings, { guide, prompts: 2 });
 * console.assert(parametrization.alpha.shape.join() === "2,16,16");
 * ```
 */
export async function createParametrization(
  backend: Backend,
  { variant, seed, frequencyScale }: Pick<Settings, "variant" | "seed" | "frequencyScale">,
  { guide, prompts, theta }: ParametrizationInputs,
): Promise<Parametrization> {
  const [, height, width] = guide.shape;
  const parts = VARIANT_PARTS[variant];
  using scope = new TensorScope(backend);
  const network = parts.network && scope.use(
    await createFourierNetwork(backend, {
      networks: prompts,
      channels: 1,
      height,
      width,
      seed,
      network: 0,
      frequencyScale,
    }),
  );
  // The network writes θ before it is read.
  const initial = network ? undefined : theta ?? thetaNoise(height * width, seed);
  const thetas = backend.tensor([prompts, height, width], initial && repeat(initial, prompts));
  const raster = parts.blur
    ? new BilateralRaster(backend, thetas, guide)
    : new Raster(backend, thetas);
  scope.move();
  return network ? new Fourier(network, raster) : raster;
}
