/**
 * The kernels, each with its WGSL and its TypeScript twin, forward and adjoint; and the parametrizations
 * of α that are made of them. `backend.openBackend` opens a device that runs them.
 *
 * @module
 */
export type { Access, Kernel, UniformType } from "../backend/kernel.ts";

// parametrize
export { bilateralWeights, blur, blurAdjoint } from "../parametrization/bilateral.ts";
export { sigmoid, sigmoidAdjoint } from "../parametrization/sigmoid.ts";
export type { Parameter, Parametrization } from "../parametrization/parametrization.ts";
export { Raster } from "../parametrization/raster.ts";
export { BilateralRaster } from "../parametrization/bilateral_raster.ts";
export { Fourier } from "../parametrization/fourier.ts";
export {
  createFourierNetwork,
  type FourierNetwork,
  type FourierNetworkOptions,
} from "../parametrization/fourier_network.ts";
export type { FourierSeed, FourierShape } from "../parametrization/fourier_graph.ts";

// composite and resize
export { composite, compositeAdjoint, compositeImageAdjoint } from "../image/composite.ts";
export { layers, layersAdjoint, layersImageAdjoint } from "../image/layers.ts";
export { resize, resizeAdjoint } from "../image/resize.ts";

// score distillation, CLIP and sampling
export { addNoise } from "../diffusion/noise.ts";
export { guide } from "../diffusion/guidance.ts";
export { similarity, similarityAdjoint } from "../clip/similarity.ts";
export { transfer } from "../diffusion/transfer.ts";

// regularise and step
export { overlapAdjoint, regularize } from "../parametrization/regularizer.ts";
export { sgd } from "../optimize/sgd.ts";
export { adam } from "../optimize/adam.ts";

// random numbers and sums
export { normal, uniform } from "../backend/random.ts";
export { sum } from "../backend/reduce.ts";
