/**
 * The memory that a graph takes.
 *
 * @module
 */
import { bytesPerElement } from "./dtype.ts";
import { type Graph, readNames } from "./graph.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import { tensorType } from "./tensor.ts";
import { sizeOf, type TensorType } from "./value.ts";

/** The memory that a graph takes, in bytes. */
export interface GraphMemory {
  /** All constants. */
  readonly weights: number;
  /** Inputs, outputs and intermediate tensors: the most that exist at once. */
  readonly activations: number;
  /** All outputs. */
  readonly outputs: number;
  /** The largest tensor; `weight` is true for a constant. */
  readonly largest: { readonly name: string; readonly bytes: number; readonly weight: boolean };
}

/** Operators whose output is the memory of their input in another shape. */
const VIEWS = new Set(["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

/**
 * The memory of a graph whose nodes run in order and whose tensors are freed after their last use, as
 * in ONNX Runtime. This is a lower bound: runtimes pad, keep freed memory, and pack weights. Tensors of
 * unknown shape count as 0.
 */
export function graphMemory(graph: Graph, outputs: readonly string[]): GraphMemory {
  const { nodes, initializers, values, inputs } = graph;
  const size = (name: string) => bytesOf(values.get(name));
  const weights = [...initializers.keys()].reduce((sum, name) => sum + size(name), 0);

  // A view keeps the memory of its input in use.
  const roots = new Map<string, string>();
  const rootOf = (name: string) => roots.get(name) ?? name;
  for (const { opType, input, output } of nodes) {
    if (VIEWS.has(opType)) roots.set(output[0], rootOf(input[0]));
  }
  const lastUse = new Map<string, number>();
  nodes.forEach((node, i) => readNames(node).forEach((name) => lastUse.set(rootOf(name), i)));
  for (const name of [...outputs, ...inputs.map(({ name }) => name)]) {
    lastUse.set(rootOf(name), Infinity);
  }

  let alive = inputs.reduce((sum, { name }) => sum + size(name), 0);
  let most = alive;
  nodes.forEach((node, i) => {
    const made = node.output.filter((name) => name !== "" && rootOf(name) === name);
    alive += made.reduce((sum, name) => sum + size(name), 0);
    most = Math.max(most, alive);
    const read = readNames(node).map(rootOf).filter((name) => !initializers.has(name));
    for (const name of new Set([...read, ...made])) {
      if ((lastUse.get(name) ?? i) === i) alive -= size(name);
    }
  });
  const results = outputs.reduce((sum, name) => sum + size(name), 0);
  return {
    weights,
    activations: most,
    outputs: results,
    largest: largestOf(values.keys(), size, initializers),
  };
}

/** The memory of a model's initializers, for models whose shapes are not known. */
export function weightMemory(model: OnnxModel): GraphMemory {
  const sizes = new Map(
    graphOf(model).initializer.map((tensor) => [tensor.name, bytesOf(tensorType(tensor))]),
  );
  const size = (name: string) => sizes.get(name) ?? 0;
  const weights = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { weights, activations: 0, outputs: 0, largest: largestOf(sizes.keys(), size, sizes) };
}

/** Bytes of a tensor; 0 if its type is not known. */
export function bytesOf(type: TensorType | undefined): number {
  return type ? sizeOf(type.shape) * bytesPerElement(type.dtype) : 0;
}

function largestOf(
  names: Iterable<string>,
  size: (name: string) => number,
  weights: { has(name: string): boolean },
) {
  let largest = { name: "", bytes: 0 };
  for (const name of names) if (size(name) > largest.bytes) largest = { name, bytes: size(name) };
  return { ...largest, weight: weights.has(largest.name) };
}
