/**
 * Leaving out what no output needs.
 *
 * @module
 */
import type { GraphProto, NodeProto, TensorProto } from "./proto/onnx_pb.ts";

/**
 * Names a node reads: its inputs, and what the subgraphs of its attributes (`If`, `Loop`) take from
 * outside.
 */
export function readNames(node: NodeProto): string[] {
  const subgraphs = node.attribute.flatMap(({ g, graphs }) => g ? [g, ...graphs] : graphs);
  return [...node.input.filter(Boolean), ...subgraphs.flatMap(outerNames)];
}

function outerNames(graph: GraphProto): string[] {
  // A name defined inside may be listed too; that keeps a node at worst, and never loses one.
  return [...graph.node.flatMap(readNames), ...graph.output.map(({ name }) => name)];
}

/**
 * The nodes and constants the outputs depend on, in their order.
 *
 * @example
 * ```ts
 * import { OpBuilder } from "./op_builder.ts";
 * import { prune } from "./prune.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
 * const y = g.emit("Neg", [x]);
 * g.emit("Exp", [x]);
 * console.assert(prune(g.nodes, g.initializers, [y]).nodes.length === 1);
 * ```
 */
export function prune(
  nodes: readonly NodeProto[],
  initializers: ReadonlyMap<string, TensorProto>,
  outputs: Iterable<{ readonly name: string }>,
): { nodes: NodeProto[]; initializers: TensorProto[] } {
  const needed = new Set<string>();
  for (const { name } of outputs) needed.add(name);
  const kept: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of readNames(node)) needed.add(name);
  }
  return {
    nodes: kept.reverse(),
    initializers: [...initializers.values()].filter(({ name }) => needed.has(name)),
  };
}
