import type { Backend, ExternalData, Session } from "../backend/backend.ts";
import { Graph } from "../onnx/graph.ts";
import { type GraphMemory, graphMemory } from "../onnx/memory.ts";
import { graphOf, type OnnxModel, writeModel } from "../onnx/model.ts";

/** A graph that is ready to be loaded. */
export interface PreparedGraph {
  /** What it is, in words, e.g. `U-Net`. */
  readonly name: string;
  /** What it takes, as far as its shapes can be inferred. */
  readonly memory: GraphMemory;
  /** Loads it. The caller disposes of the session. */
  load(backend: Backend): Promise<Session>;
}

/**
 * A graph to be loaded as it is.
 *
 * @param model With fixed shapes.
 * @param externalData Where its weights are, if not in it.
 *
 * @example
 * ```ts
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { prepareGraph } from "./prepared_graph.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
 * const { memory } = prepareGraph("Negation", g.build([g.emit("Neg", [x])]), []);
 * console.assert(memory.activations === 16);
 * ```
 */
export function prepareGraph(
  name: string,
  model: OnnxModel,
  externalData: readonly ExternalData[],
): PreparedGraph {
  return {
    name,
    memory: graphMemory(Graph.from(model), graphOf(model).output.map(({ name }) => name)),
    load: (backend) => backend.load(writeModel(model), { externalData }),
  };
}
