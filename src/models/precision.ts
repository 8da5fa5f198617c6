import type { Backend } from "../backend/backend.ts";
import type { GraphName } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import { float32Ports } from "../onnx/float32_ports.ts";
import { type OnnxModel, writeModel } from "../onnx/model.ts";
import { narrowDoubles } from "../onnx/narrow_doubles.ts";
import {
  computesInFloat16,
  hasFloat16,
  widen,
  widenedLocation,
  widenedSource,
} from "../onnx/widen.ts";
import type { GraphFile } from "./graph_file.ts";

/**
 * What a float16 model computes in.
 *
 * @example
 * ```ts
 * import { PRECISIONS } from "./precision.ts";
 *
 * console.assert(PRECISIONS[0] === "auto");
 * ```
 */
export const PRECISIONS = ["auto", "fp32", "fp16"] as const;

/**
 * `fp32` widens every float16 graph as it is loaded; `fp16` computes each as it is stored; `auto`
 * computes the U-Net as it is stored where the device can, and widens the others: it is most of the
 * work, and nothing is differentiated through it. A model that computes in float32, and may store its
 * weights as float16, is float32 in all of them. What a graph computes in float64 is float32 in all of
 * them too.
 */
export type Precision = typeof PRECISIONS[number];

/**
 * A graph as it is to be computed, with float32 inputs and outputs.
 *
 * @param backend Where.
 * @throws {UserError} `fp16` is asked for, and the graph is float16 but the device is not.
 *
 * @example
 * ```ts
 * import { openModel } from "./open_model.ts";
 * import { atPrecision, inFloat32 } from "./precision.ts";
 *
 * const unet = inFloat32(await (await openModel("emoji")).graph("unet"));
 * const same = atPrecision(unet, "unet", "auto", { device: "cpu", float16: false });
 * console.assert(same === unet, "a float32 model stays as it is");
 * ```
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

/**
 * A graph that computes in float32, whatever it computes in as it is stored.
 *
 * @example
 * ```ts
 * import { openModel } from "./open_model.ts";
 * import { inFloat32 } from "./precision.ts";
 *
 * const unet = inFloat32(await (await openModel("emoji")).graph("unet"));
 * console.assert(inFloat32(unet) === unet, "a float32 model stays as it is");
 * ```
 */
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
