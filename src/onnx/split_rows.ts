/**
 * Computes large attention scores a few rows at a time.
 *
 * @module
 */
import { Graph, readNames } from "./graph.ts";
import { bytesOf } from "./memory.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import { isStandard, NodeView } from "./node_view.ts";
import type { OpBuilder } from "./op_builder.ts";
import type { NodeProto } from "./proto/onnx_pb.ts";
import { rewrite } from "./rewrite.ts";
import { fromFront, type Value } from "./value.ts";

/** Operators that compute each row of the last two axes from the same rows of their inputs. */
const ROW_WISE = new Set([
  ...["Softmax", "Mul", "Div", "Add", "Sub", "Min", "Max", "Where", "IsNaN", "Equal", "Not"],
  ...["Cast", "Identity", "Clip", "Neg"],
]);

/** A product, operators on its rows, and the product that they end in. */
interface Region {
  readonly first: NodeProto;
  /** All nodes, in order, from `first` to `last`. */
  readonly nodes: readonly NodeProto[];
  readonly last: NodeProto;
  /** The number of rows that are computed at a time. */
  readonly rows: number;
}

/**
 * Splits `softmax(Q Kᵀ) V` over the rows of Q wherever the scores are larger than `limit` bytes:
 *
 * `yᵢ = softmax(Qᵢ Kᵀ) V`, `y = (y₁; y₂; …)`
 *
 * The numbers are the same, and only a few rows of the scores are in memory at once. With 4096 tokens
 * and 8 heads, as in Stable Diffusion's U-Net at 512², a batch of two has scores of 1 GiB.
 *
 * @param model With fixed shapes.
 * @returns The same model, if no scores are that large.
 */
export function splitRows(model: OnnxModel, limit: number): OnnxModel {
  const graph = Graph.from(model);
  const regions = regionsOf(graph, new Set(graphOf(model).output.map(({ name }) => name)), limit);
  if (regions.length === 0) return model;
  const inside = new Set(regions.flatMap(({ nodes, last }) => nodes.filter((one) => one !== last)));
  const split = new Map(regions.map((region) => [region.last, region]));
  const g = rewrite(graph, model, (node) => {
    const region = split.get(node);
    if (region) return (g) => [emitRows(g, graph, region)];
    return inside.has(node) ? () => [] : undefined;
  });
  return g.build(graphOf(model).output.map(({ name }) => g.value(name)));
}

function regionsOf(graph: Graph, outputs: ReadonlySet<string>, limit: number): Region[] {
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.nodes) {
    for (const name of readNames(node)) readers.set(name, [...readers.get(name) ?? [], node]);
  }
  return graph.nodes.flatMap((first) => {
    const scores = graph.values.get(first.output[0]);
    const height = scores?.shape.at(-2) ?? 1;
    if (!isProduct(first) || height === 1) return [];
    const found = regionFrom(graph, first, readers, outputs);
    // A softmax may be in float32 where the products are in float16.
    const bytes = Math.max(
      0,
      ...found?.nodes.map((node) =>
        node === found.last ? 0 : bytesOf(graph.values.get(node.output[0]))
      ) ?? [],
    );
    if (!found || bytes <= limit) return [];
    const most = Math.max(1, Math.floor(limit / (bytes / height)));
    const rows = Math.ceil(height / Math.ceil(height / most));
    return [{ first, ...found, rows }];
  });
}

/** The row-wise nodes after a product, up to the one product in which they all end. */
function regionFrom(
  graph: Graph,
  first: NodeProto,
  readers: ReadonlyMap<string, readonly NodeProto[]>,
  outputs: ReadonlySet<string>,
): Pick<Region, "nodes" | "last"> | undefined {
  const shape = graph.value(first.output[0]).shape;
  const nodes = new Set([first]);
  let last: NodeProto | undefined;
  for (const node of nodes) {
    if (node === last) continue;
    const [name] = node.output;
    const type = graph.values.get(name);
    if (outputs.has(name) || type?.shape.join() !== shape.join()) return undefined;
    for (const reader of readers.get(name) ?? []) {
      const isLast = isProduct(reader) && reader.input[0] === name && reader.input[1] !== name;
      if (!isLast && !isRowWise(graph, reader)) return undefined;
      if (isLast && last && reader !== last) return undefined;
      if (isLast) last = reader;
      nodes.add(reader);
    }
  }
  const end = last;
  return end && { nodes: graph.nodes.filter((node) => nodes.has(node)), last: end };
}

function isProduct(node: NodeProto): boolean {
  return isStandard(node) && node.opType === "MatMul";
}

function isRowWise(graph: Graph, node: NodeProto): boolean {
  if (!isStandard(node) || !ROW_WISE.has(node.opType)) return false;
  if (node.opType !== "Softmax") return true;
  const rank = graph.values.get(node.input[0])?.shape.length ?? 0;
  return fromFront(new NodeView(node, graph).int("axis", -1), rank) === rank - 1;
}

/** Emits the region's result, a few rows at a time. */
function emitRows(g: OpBuilder, source: Graph, { first, nodes, rows }: Region): Value {
  const height = source.value(first.output[0]).shape.at(-2)!;
  const parts: Value[] = [];
  for (let start = 0; start < height; start += rows) {
    const own = new Map<string, string>();
    for (const node of nodes) {
      const input = node.input.map((name, i) => {
        const known = own.get(name);
        // Of products, only the left factor has these rows.
        if (known || name === "" || (isProduct(node) && i > 0)) return known ?? name;
        return rowsOf(g, g.value(name), start, Math.min(start + rows, height), height).name;
      });
      const output = [g.fresh(node.output[0])];
      g.addNode(changed(node, { name: "", input, output }));
      own.set(node.output[0], output[0]);
    }
    parts.push(g.value([...own.values()].at(-1)!));
  }
  return g.concat(parts, parts[0].shape.length - 2);
}

/** Some rows of a tensor; the whole tensor where one row serves all. */
function rowsOf(g: OpBuilder, x: Value, start: number, end: number, height: number): Value {
  const axis = x.shape.length - 2;
  return axis >= 0 && x.shape[axis] === height ? g.slice(x, axis, start, end) : x;
}
