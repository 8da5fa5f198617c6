/**
 * Where a graph is narrow.
 *
 * @module
 */
import type { Graph } from "../onnx/graph.ts";
import { readNames } from "../onnx/prune.ts";

/** Operators that only look at the same elements in another shape. */
export const VIEWS: ReadonlySet<string> = new Set([
  ...["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand"],
]);

/**
 * Names of the tensors that are, at some point of the graph, all that the rest of it reads of what
 * was computed before: the outputs of residual blocks, for one. The graph's own inputs do not count,
 * as they are at hand anyway.
 *
 * @example
 * ```ts
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { bottlenecks } from "./bottlenecks.ts";
 *
 * // A residual block, y = x + exp(exp(x)), between two other operators.
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.emit("Neg", [g.addInput({ name: "in", dtype: "float32", shape: [2] })]);
 * const y = g.add(x, g.emit("Exp", [g.emit("Exp", [x])]));
 * g.emit("Neg", [y]);
 * console.assert(bottlenecks(g).join() === `${x.name},${y.name}`);
 * ```
 */
export function bottlenecks(graph: Graph): string[] {
  const { nodes, initializers, inputs } = graph;
  const lastUse = new Map<string, number>();
  nodes.forEach((node, i) => readNames(node).forEach((name) => lastUse.set(name, i)));
  const constants = new Set(initializers.keys());
  const atHand = new Set([...constants, ...inputs.map(({ name }) => name)]);
  const alive = new Set<string>();
  const found: string[] = [];
  nodes.forEach((node, i) => {
    // What follows from constants alone is as good as a constant, and a view of an input as the input.
    const read = readNames(node);
    const constant = read.every((name) => constants.has(name));
    const view = VIEWS.has(node.opType) && read.every((name) => atHand.has(name));
    for (const name of node.output) {
      if (constant) constants.add(name);
      if (constant || view) atHand.add(name);
      else if ((lastUse.get(name) ?? i) > i) alive.add(name);
    }
    for (const name of read) if ((lastUse.get(name) ?? i) <= i) alive.delete(name);
    const [only] = alive;
    if (alive.size === 1 && node.output.includes(only)) found.push(only);
  });
  return found;
}
