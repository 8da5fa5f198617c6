import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { Settings } from "../settings/settings.ts";
import { BilateralRaster } from "./bilateral_raster.ts";
import { Fourier } from "./fourier.ts";
import { createFourierNetwork } from "./fourier_network.ts";
import { thetaNoise } from "./initial_theta.ts";
import { type Parametrization, repeat } from "./parametrization.ts";
import { Raster } from "./raster.ts";

/** Parts of each variant: a network that computes θ, and the blur of θ. */
const VARIANT_PARTS = {
  raster: { network: false, blur: false },
  "rgb-bilateral": { network: false, blur: true },
  "depth-bilateral": { network: false, blur: true },
  fourier: { network: true, blur: false },
  "fourier-bilateral": { network: true, blur: true },
} satisfies Record<Settings["variant"], { network: boolean; blur: boolean }>;

/** Inputs of {@link createParametrization}. */
export interface ParametrizationInputs {
  /**
   * The guide of the blur (C, A, A), 0..1: the image, or a depth map for *depth bilateral*. The caller
   * keeps it.
   */
  readonly guide: Tensor;
  /** P, the number of masks. All start alike. */
  readonly prompts: number;
  /** Initial θ (A, A) of the raster variants. The default is N(0, 1) from the seed. */
  readonly theta?: Float32Array | undefined;
}

/**
 * Creates the parametrization of a variant, whose initial values follow from the seed.
 *
 * @throws {UserError} If the device lacks the memory.
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
  // The network writes θ before the raster reads it.
  const initial = network ? undefined : theta ?? thetaNoise(height * width, seed);
  const thetas = backend.tensor([prompts, height, width], initial && repeat(initial, prompts));
  const raster = parts.blur
    ? new BilateralRaster(backend, thetas, guide)
    : new Raster(backend, thetas);
  scope.move();
  return network ? new Fourier(network, raster) : raster;
}
