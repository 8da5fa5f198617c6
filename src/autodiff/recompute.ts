/**
 * What backward reads of forward's values: which are handed over and which are computed again.
 *
 * @module
 */
import { type Graph, readNames } from "../onnx/graph.ts";
import type { NodeProto } from "../onnx/proto/onnx_pb.ts";
import { ruleOf } from "./rules.ts";
import { NORMALIZE } from "./rules/normalize.ts";

/**
 * What backward computes again: `cheap` values, which makes the residuals few; `none` but views of
 * others, which makes it fast where memory is no matter; or `most`, which is *gradient checkpointing*
 * (Chen et al. 2016): the residuals are the outputs of blocks, and backward runs each block again.
 */
export type Recompute = "cheap" | "none" | "most";

/** What backward may be told about computing again, the default first. */
export const RECOMPUTE: readonly Recompute[] = ["cheap", "none", "most"];

/**
 * Operators worth a residual: the costly ones, and softmax, whose input is as large as its output.
 */
const COSTLY = new Set([
  ...["Conv", "ConvTranspose", "MatMul", "Gemm", "Softmax", "LogSoftmax", "Resize", "MaxPool"],
  ...["AveragePool", NORMALIZE],
]);

/** Cheap operators that have no rule, since their results carry no derivative. */
const FLAT = new Set([
  ...["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor"],
  ...["Ceil", "Floor", "Round", "Sign", "IsNaN", "IsInf"],
]);

/** Whether a node's result is computed again rather than handed over. */
function isAgain(node: NodeProto, recompute: Recompute, blocks: ReadonlySet<string>): boolean {
  const { opType, output } = node;
  if (recompute === "none") return VIEWS.has(opType);
  // Any other operator without a rule may be anything, even random.
  const known = ruleOf(node) !== undefined || FLAT.has(opType);
  return known && (recompute === "most" ? !blocks.has(output[0]) : !COSTLY.has(opType));
}

/** Outputs of blocks: of bottlenecks, the first after each costly operator. */
function blockOutputs(forward: Graph): Set<string> {
  const narrow = new Set(bottlenecks(forward));
  const blocks = new Set<string>();
  let costly = false;
  for (const { opType, output: [name] } of forward.nodes) {
    costly ||= COSTLY.has(opType);
    if (!costly || !narrow.has(name)) continue;
    blocks.add(name);
    costly = false;
  }
  return blocks;
}

/** How backward comes by forward's values. */
export interface Plan {
  /** Forward values handed to backward, in forward's order. */
  readonly residuals: string[];
  /** Forward inputs that backward reads. */
  readonly inputs: string[];
  /** Forward nodes that backward computes again, in forward's order. */
  readonly nodes: NodeProto[];
}

/**
 * Plans how backward comes by the forward values it reads: constants it holds itself, forward's
 * inputs it is given again, values of costly nodes (or the outputs of blocks) are residuals, and the
 * rest is computed again from those.
 *
 * @param needed Names of forward values that backward's own nodes read.
 */
export function planRecompute(
  forward: Graph,
  needed: Iterable<string>,
  recompute: Recompute,
): Plan {
  const producers = new Map<string, NodeProto>();
  for (const node of forward.nodes) {
    for (const name of node.output) producers.set(name, node);
  }
  const seen = new Set<string>();
  const residuals = new Set<string>();
  const again = new Set<NodeProto>();
  const blocks = recompute === "most" ? blockOutputs(forward) : new Set<string>();
  const queue = [...needed];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const node = producers.get(name);
    if (!node) continue;
    if (isAgain(node, recompute, blocks)) {
      again.add(node);
      queue.push(...readNames(node));
    } else {
      residuals.add(name);
    }
  }
  return {
    residuals: forward.nodes.flatMap(({ output }) => output).filter((name) => residuals.has(name)),
    inputs: forward.inputs.map(({ name }) => name).filter((name) => seen.has(name)),
    nodes: forward.nodes.filter((node) => again.has(node)),
  };
}

/**
 * Backward's nodes in order: each recomputed one right before the first that reads it, so that few
 * recomputed values are alive at once.
 */
export function schedule(again: readonly NodeProto[], own: readonly NodeProto[]): NodeProto[] {
  const producers = new Map(again.flatMap((node) => node.output.map((name) => [name, node])));
  const placed = new Set<NodeProto>();
  const place = (node: NodeProto) => {
    if (placed.has(node)) return;
    placed.add(node);
    for (const name of readNames(node)) {
      const producer = producers.get(name);
      if (producer) place(producer);
    }
    order.push(node);
  };
  const order: NodeProto[] = [];
  own.forEach(place);
  return order;
}

/** Operators that only look at the same elements in another shape. */
export const VIEWS: ReadonlySet<string> = new Set([
  ...["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand"],
]);

/**
 * Names of the tensors that are, at some point of the graph, all that the rest of it reads of what
 * was computed before: the outputs of residual blocks, for one. The graph's own inputs do not count,
 * as they are at hand anyway.
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
