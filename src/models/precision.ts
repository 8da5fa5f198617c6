import type { Backend } from "../backend/backend.ts";
import type { GraphName } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import {
  computesInFloat16,
  float32Ports,
  hasFloat16,
  narrowDoubles,
  widen,
  widenedLocation,
  widenedSource,
} from "../onnx/float_types.ts";
import { type OnnxModel, writeModel } from "../onnx/model.ts";
import type { GraphFile } from "./graph_file.ts";

/**
 * The precisions in which a float16 model can compute.
 *
 * @example
 * ```ts
 * import { models } from "../../mod.ts";
 *
 * console.assert(models.PRECISIONS[0] === "auto");
 * ```
 */
export const PRECISIONS = ["auto", "fp32", "fp16"] as const;

/**
 * Precision in which a float16 model computes. `fp32` widens every float16 graph as it is loaded;
 * `fp16` computes each as it is stored; `auto` computes the U-Net as it is stored where the device can,
 * since the U-Net is most of the work and is not differentiated, and widens the others. A model that
 * computes in float32, even with weights stored as float16, stays float32 in all three; operators in
 * float64 become float32 in all three.
 */
export type Precision = typeof PRECISIONS[number];

/**
 * Converts a graph to the precision in which it is computed, with float32 inputs and outputs.
 *
 * @throws {UserError} The precision is `fp16` and the graph computes in float16, but the device cannot.
 */
export function atPrecision(
  file: GraphFile,
  name: GraphName,
  precision: Precision,
  { device, float16 }: Pick<Backend, "device" | "float16">,
): GraphFile {
  const graph = written(file, narrowDoubles(file.model));
  const { path, model } = graph;
  if (!hasFloat16(model)) return graph;
  const computes = computesInFloat16(model);
  if (precision === "fp16" && computes && !float16) {
    throw new UserError(
      `Cannot compute ${path} in float16: device ${device} has no float16 arithmetic`,
      'leave `precision` out, or choose `precision: "fp32"`',
    );
  }
  const stored = precision === "fp16" || (precision === "auto" && name === "unet" && float16);
  return stored && computes ? written(graph, float32Ports(model)) : inFloat32(graph);
}

/** Converts a graph to one that computes in float32. */
export function inFloat32(file: GraphFile): GraphFile {
  const graph = written(file, narrowDoubles(file.model));
  const { model, externalData } = graph;
  if (!hasFloat16(model)) return graph;
  return {
    ...written(graph, widen(model)),
    externalData: externalData.flatMap(({ path, data }) => [
      { path, data },
      { path: widenedLocation(path), data: widenedSource(data) },
    ]),
  };
}

function written(graph: GraphFile, model: OnnxModel): GraphFile {
  return model === graph.model ? graph : { ...graph, model, bytes: writeModel(model) };
}
