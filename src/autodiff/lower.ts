/**
 * Writing composite operators in others that have rules, before differentiation.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import type { Graph } from "../onnx/graph.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { isStandard, NodeView } from "../onnx/node_view.ts";
import type { OpBuilder } from "../onnx/op_builder.ts";
import { readNames } from "../onnx/prune.ts";
import { type Rewrite, rewrite } from "../onnx/rewrite.ts";
import { LOWERINGS } from "./lowerings.ts";

/**
 * A graph with the composite operators on the way written out. Every tensor that had a name keeps
 * it.
 *
 * @param like The model to take versions and metadata from.
 * @param active Tensors on the way from what is differentiated by to what is differentiated.
 *
 * @example
 * ```ts
 * import { fixShapes } from "../onnx/fix_shapes.ts";
 * import { Graph } from "../onnx/graph.ts";
 * import { readModel } from "../onnx/model.ts";
 * import { activeTensors } from "./activity.ts";
 * import { lower } from "./lower.ts";
 *
 * const url = new URL("../../tests/fixtures/vjp/vae_encoder_dynamo_op23.onnx", import.meta.url);
 * const model = fixShapes(readModel(await Deno.readFile(url)));
 * const graph = Graph.from(model);
 * const lowered = lower(graph, model, activeTensors(graph, "latent_parameters", ["sample"]));
 * console.assert(!lowered.nodes.some(({ opType }) => opType === "Attention"));
 * ```
 */
export function lower(source: Graph, like: OnnxModel, active: ReadonlySet<string>): OpBuilder {
  const read = new Set([...source.nodes.flatMap(readNames), ...active]);
  return rewrite(source, like, (node): Rewrite | undefined => {
    const lowering = isStandard(node) ? LOWERINGS[node.opType] : undefined;
    if (!lowering || !node.output.some((name) => active.has(name))) return undefined;
    requireFirstOutput(new NodeView(node, source), read);
    return (g, view) => {
      const y = lowering.lower(g, view);
      return y && [y];
    };
  });
}

/** A lowering makes the first output alone. */
function requireFirstOutput(node: NodeView, read: ReadonlySet<string>): void {
  const extra = node.proto.output.slice(1).find((name) => read.has(name));
  if (extra === undefined) return;
  throw new UserError(
    `Cannot differentiate ${node.label}: its output "${extra}" is used`,
    "only the first output of this operator is supported",
  );
}
