import { UserError } from "../errors.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import type { ValueInfoProto } from "../onnx/proto/onnx_pb.ts";
import { declaration, type Port } from "../onnx/value_info.ts";

/** What an ONNX graph takes and gives. */
export interface GraphDescription {
  /** Inputs without a default. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/**
 * Describes a graph's inputs and outputs: names, element types and shapes.
 *
 * @throws {UserError} If one of them is no tensor of known rank.
 *
 * @example
 * ```ts
 * import { readModel } from "../onnx/model.ts";
 * import { describeGraph } from "./describe_graph.ts";
 *
 * const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
 * const { inputs } = describeGraph(readModel(await Deno.readFile(url)));
 * console.assert(inputs[0].name === "sample" && inputs[0].shape.join() === "batch,4,16,16");
 * ```
 */
export function describeGraph(model: OnnxModel): GraphDescription {
  const { input, output, initializer } = graphOf(model);
  // Old exporters list weights among the inputs.
  const weights = new Set(initializer.map(({ name }) => name));
  return {
    inputs: input.filter(({ name }) => !weights.has(name)).map(port),
    outputs: output.map(port),
  };
}

function port(info: ValueInfoProto): Port {
  const declared = declaration(info);
  if (!declared) {
    throw new UserError(
      `ONNX value "${info.name}" is no tensor of known rank`,
      "export the model again, with the shapes of its inputs and outputs",
    );
  }
  const { name, dtype, dimensions } = declared;
  return { name, dtype, shape: dimensions.map((size) => size ?? "?") };
}
