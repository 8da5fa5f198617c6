/**
 * The tensors of a graph that take part in differentiation.
 *
 * @module
 */
import { isQuantised } from "../onnx/quantised.ts";
import { isFloat } from "../onnx/dtype.ts";
import { ancestors, type Graph, readNames } from "../onnx/graph.ts";
import { NodeView } from "../onnx/node_view.ts";
import type { NodeProto } from "../onnx/proto/onnx_pb.ts";
import { UserError } from "../errors.ts";

/**
 * Operators whose derivative is zero wherever it exists, whose results are no floats, or that read only
 * their input's shape.
 */
const FLAT = new Set([
  ...["Ceil", "Floor", "Round", "Sign", "Shape", "Size", "RandomNormalLike", "RandomUniformLike"],
  ...["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor"],
  ...["IsNaN", "IsInf", "NonZero", "ArgMax", "ArgMin", "Bernoulli", "Multinomial", "Hardmax"],
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
  for (const node of graph.nodes) {
    if (FLAT.has(node.opType) || !readNames(node).some((name) => influenced.has(name))) continue;
    for (const name of node.output) {
      const dtype = graph.values.get(name)?.dtype;
      if (name !== "" && (dtype === undefined || isFloat(dtype))) influenced.add(name);
    }
  }
  const active = new Set(influenced.has(of) ? [of] : []);
  for (const node of graph.nodes.toReversed()) {
    if (FLAT.has(node.opType) || !node.output.some((name) => active.has(name))) continue;
    for (const name of readNames(node)) if (influenced.has(name)) active.add(name);
  }
  const lost = wrt.find((name) => !active.has(name));
  if (lost !== undefined) refuse(graph, of, lost);
  return active;
}

/** Says why a derivative is zero: the output does not depend on the tensor, or through a flat node. */
function refuse(graph: Graph, of: string, name: string): never {
  const problem = `Cannot differentiate "${of}" with respect to "${name}"`;
  const needed = ancestors(graph.nodes, of);
  const reached = new Set([name]);
  for (const node of graph.nodes) {
    const onWay = node.output.some((one) => needed.has(one)) &&
      readNames(node).some((one) => reached.has(one));
    if (!onWay) continue;
    if (isFlat(graph, node)) {
      const { label } = new NodeView(node, graph);
      if (isQuantised(node)) throw new UserError(`${problem}: ${label} is quantised`, UNQUANTISED);
      throw new UserError(
        `${problem}: the derivative of ${label} on the way is zero`,
        "differentiate with respect to a tensor behind that node",
      );
    }
    for (const one of node.output) reached.add(one);
  }
  throw new UserError(
    `${problem}: the output does not depend on it`,
    "name an input or initializer on the way to that output",
  );
}

/** Tells whether no derivative comes through a node: it is a step function, or gives no floats. */
function isFlat(graph: Graph, { opType, output }: NodeProto): boolean {
  const types = output.flatMap((name) => graph.values.get(name) ?? []);
  return FLAT.has(opType) || (types.length > 0 && !types.some(({ dtype }) => isFloat(dtype)));
}

/** The advice for quantised models. */
export const UNQUANTISED = "use the model's float32 or float16 files, which are not quantised";
