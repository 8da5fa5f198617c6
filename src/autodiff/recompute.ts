/**
 * The values of forward that backward reads: some are handed over, the others computed again.
 *
 * @module
 */
import { type Graph, readNames } from "../onnx/graph.ts";
import type { NodeProto } from "../onnx/proto/onnx_pb.ts";
import { ruleOf } from "./rules.ts";
import { NORMALIZE } from "./rules/normalize.ts";

/**
 * How much backward computes again. `cheap`: the values of cheap operators, so that there are few
 * residuals. `none`: only views, which is fastest and takes the most memory. `most`: whole blocks, from
 * their outputs, which is *gradient checkpointing* (Chen et al. 2016).
 */
export type Recompute = "cheap" | "none" | "most";

/** The choices for {@linkcode Recompute}; the first is the default. */
export const RECOMPUTE: readonly Recompute[] = ["cheap", "none", "most"];

/**
 * Operators whose output becomes a residual: the costly ones, and softmax, whose input is as large as
 * its output.
 */
const COSTLY = new Set([
  ...["Conv", "ConvTranspose", "MatMul", "Gemm", "Softmax", "LogSoftmax", "Resize", "MaxPool"],
  ...["AveragePool", NORMALIZE],
]);

/** Cheap operators that have no rule, since their results carry no derivative. */
const FLAT = new Set([
  ...["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor"],
  ...["Ceil", "Floor", "Round", "Sign", "IsNaN", "IsInf", "Hardmax"],
]);

/** Tells whether backward computes a node's result again; otherwise forward hands it over. */
function isAgain(node: NodeProto, recompute: Recompute, blocks: ReadonlySet<string>): boolean {
  const { opType, output } = node;
  if (recompute === "none") return VIEWS.has(opType);
  // An unknown operator may be random, so that it must not run twice.
  const known = ruleOf(node) !== undefined || FLAT.has(opType);
  return known && (recompute === "most" ? !blocks.has(output[0]) : !COSTLY.has(opType));
}

/** Outputs of blocks: the first bottleneck after each costly operator. */
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

/** Where backward gets forward's values from. */
export interface Plan {
  /** Forward values handed to backward, in forward's order. */
  readonly residuals: string[];
  /** Forward inputs that backward reads. */
  readonly inputs: string[];
  /** Forward nodes that backward computes again, in forward's order. */
  readonly nodes: NodeProto[];
}

/**
 * Plans where backward gets each forward value it reads. It holds constants itself and is given
 * forward's inputs again. Outputs of costly nodes (or of blocks) are residuals. It computes the rest
 * again from those.
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
 * Backward's nodes in order. Each recomputed node comes right before the first that reads it, so that
 * few recomputed values are in memory at once.
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

/** Operators that give the same elements in another shape. */
export const VIEWS: ReadonlySet<string> = new Set([
  ...["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand"],
]);

/**
 * Names of the bottlenecks: tensors that are, at some point of the graph, the only computed value that
 * later nodes read. The outputs of residual blocks are bottlenecks. The graph's inputs do not count,
 * since backward has them anyway.
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
    // A result of constants alone counts as a constant, a view of an input as an input.
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
