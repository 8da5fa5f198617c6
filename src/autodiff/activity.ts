/**
 * The tensors of a graph that take part in differentiation.
 *
 * @module
 */
import { isFloat } from "../onnx/dtype.ts";
import type { Graph } from "../onnx/graph.ts";
import { UserError } from "../errors.ts";

/** Operators whose derivative is zero wherever it exists, or that read only their input's shape. */
const FLAT = new Set([
  ...["Ceil", "Floor", "Round", "Sign", "Shape", "Size", "RandomNormalLike", "RandomUniformLike"],
]);

/**
 * Names of the tensors on a path from a source to the output: those that depend on a source, by a
 * derivative that is not zero everywhere, and that the output depends on.
 *
 * @throws {UserError} A source does not influence the output.
 */
export function activeTensors(
  graph: Graph,
  of: string,
  wrt: readonly string[],
): Set<string> {
  const influenced = new Set(wrt);
  for (const { opType, input, output } of graph.nodes) {
    if (FLAT.has(opType) || !input.some((name) => influenced.has(name))) continue;
    for (const name of output) {
      const dtype = graph.values.get(name)?.dtype;
      if (name !== "" && (dtype === undefined || isFloat(dtype))) influenced.add(name);
    }
  }
  const active = new Set(influenced.has(of) ? [of] : []);
  for (const { opType, input, output } of graph.nodes.toReversed()) {
    if (FLAT.has(opType) || !output.some((name) => active.has(name))) continue;
    for (const name of input) if (influenced.has(name)) active.add(name);
  }
  for (const name of wrt) {
    if (active.has(name)) continue;
    throw new UserError(
      `Cannot differentiate "${of}" with respect to "${name}": the output does not depend on it`,
      "name an input or initializer on the way to that output",
    );
  }
  return active;
}
