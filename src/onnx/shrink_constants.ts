/**
 * Large constants that repeat one number become that number.
 *
 * @module
 */
import { findAttribute } from "./attribute.ts";
import { isFloat } from "./dtype.ts";
import { Graph } from "./graph.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import { isStandard } from "./node_view.ts";
import type { NodeProto } from "./proto/onnx_pb.ts";
import { rewrite } from "./rewrite.ts";
import { tensorValues } from "./tensor.ts";
import { sameShape, sizeOf } from "./value.ts";

/** Operators that broadcast. */
const BROADCAST: Readonly<Partial<Record<string, (a: number, b: number) => number>>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/**
 * Replaces a constant that repeats one number by that number, where the other operand has the full
 * shape. PyTorch exports `baddbmm` with a tensor of zeros as large as the attention scores.
 *
 * @param model With fixed shapes.
 * @returns The same model, if it has no such constant.
 */
export function shrinkConstants(model: OnnxModel): OnnxModel {
  const graph = Graph.from(model);
  const numbers = numbersOf(graph);
  const replaceable = (node: NodeProto) => replacedInput(graph, node, numbers) !== undefined;
  if (!graph.nodes.some(replaceable)) return model;
  const g = rewrite(graph, model, (node) => {
    const at = replacedInput(graph, node, numbers);
    if (at === undefined) return undefined;
    return (g) => {
      const { dtype } = graph.value(node.input[at]);
      const scalar = g.constant(dtype, [], numbers.get(node.input[at])!);
      const output = [g.fresh(node.output[0])];
      g.addNode(changed(node, { input: node.input.with(at, scalar.name), output }));
      return [g.value(output[0])];
    };
  });
  return g.build(graphOf(model).output.map(({ name }) => g.value(name)));
}

/** Tensors that are one number everywhere, by name. */
function numbersOf(graph: Graph): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, tensor] of graph.initializers) {
    if (sizeOf(graph.values.get(name)?.shape ?? [0]) !== 1) continue;
    const [number] = tensorValues(tensor) ?? [];
    if (number !== undefined) numbers.set(name, number);
  }
  for (const node of graph.nodes.filter(isStandard)) {
    const number = numberOf(node, graph, numbers);
    if (number !== undefined) numbers.set(node.output[0], number);
  }
  return numbers;
}

function numberOf(
  node: NodeProto,
  graph: Graph,
  numbers: ReadonlyMap<string, number>,
): number | undefined {
  const { opType, input, output } = node;
  if (opType === "ConstantOfShape") {
    const value = findAttribute(node, "value")?.t;
    return value ? tensorValues(value)?.[0] : 0;
  }
  if (opType === "Expand" || opType === "Identity") return numbers.get(input[0]);
  // A float16 model's zeros may be made in float32.
  const type = graph.values.get(output[0]);
  if (opType === "Cast" && type && isFloat(type.dtype)) return numbers.get(input[0]);
  const [a, b] = input.map((name) => numbers.get(name));
  const operator = BROADCAST[opType];
  return operator && a !== undefined && b !== undefined ? operator(a, b) : undefined;
}

/** The input of a node that repeats one number, if the other input has the full shape. */
function replacedInput(
  graph: Graph,
  node: NodeProto,
  numbers: ReadonlyMap<string, number>,
): number | undefined {
  if (!isStandard(node) || !BROADCAST[node.opType]) return undefined;
  const shape = graph.values.get(node.output[0])?.shape;
  const at = node.input.findIndex((name, i) => {
    const own = graph.values.get(name)?.shape;
    const other = graph.values.get(node.input[1 - i])?.shape;
    return numbers.has(name) && own && sizeOf(own) > 1 && shape && other &&
      sameShape(other, shape) && !numbers.has(node.input[1 - i]);
  });
  return at < 0 ? undefined : at;
}
