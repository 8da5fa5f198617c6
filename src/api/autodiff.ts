/**
 * Reverse-mode automatic differentiation of ONNX models: from one model, a forward and a backward model.
 *
 * @module
 */
export { cotangentName, type Vjp, vjp, type VjpOptions } from "../autodiff/vjp.ts";
export type { Recompute } from "../autodiff/recompute.ts";
export { type OnnxModel, readModel, type ReadOptions, writeModel } from "../onnx/model.ts";
