/**
 * A graph whose tensors have known types.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { UserError } from "../errors.ts";
import { inferTypes } from "./infer.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel, opsetOf } from "./model.ts";
import { type NodeScope, NodeView, withNode } from "./node_view.ts";
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
} from "./proto/onnx_pb.ts";
import { tensorType } from "./tensor.ts";
import { sizeOf, type TensorType, type Value } from "./value.ts";
import { staticType, valueInfo } from "./value_info.ts";

/**
 * A graph that grows node by node. It infers the output types of each node that is added, so that every
 * tensor's shape is known at once.
 */
export class Graph implements NodeScope {
  /** Version of the default operator set. */
  readonly opset: number;
  /** Nodes, each after those it reads from. */
  readonly nodes: NodeProto[] = [];
  /** Constant tensors by name. */
  readonly initializers = new Map<string, TensorProto>();
  /** Every tensor whose type is known, by name. */
  readonly values = new Map<string, Value>();
  /** Graph inputs, in order. */
  readonly inputs: Value[] = [];

  readonly #header: ModelProto;
  /** Tensors whose types were declared, not inferred. */
  readonly #declared = new Set<string>();

  /**
   * An empty graph.
   *
   * @param like The operator set of the graph, or a model whose versions and metadata it gets.
   */
  constructor(like: { readonly opset: number } | OnnxModel) {
    if ("opset" in like) {
      this.opset = like.opset;
      this.#header = create(ModelProtoSchema, {
        // From operator set 19 on, every second set has come with a new IR version.
        irVersion: BigInt(Math.max(8, Math.floor((like.opset - 1) / 2))),
        opsetImport: [{ domain: "", version: BigInt(like.opset) }],
      });
    } else {
      this.opset = opsetOf(like);
      this.#header = like;
    }
  }

  /** The graph of a model with fixed shapes. Weights are shared, not copied. */
  static from<G extends Graph>(this: new (like: OnnxModel) => G, model: OnnxModel): G {
    const graph = new this(model);
    const { initializer, input, valueInfo, output, node } = graphOf(model);
    for (const tensor of initializer) graph.addInitializer(tensor);
    for (const info of [...input, ...valueInfo, ...output]) {
      graph.declare(info.name, staticType(info));
    }
    for (const { name } of input) {
      if (!graph.initializers.has(name)) graph.inputs.push(graph.value(name));
    }
    for (const one of node) {
      withNode(new NodeView(one, graph), "infer the shapes of", () => graph.addNode(one));
    }
    return graph;
  }

  /** The tensor of that name. @throws {Error} It does not exist, or its type is not known. */
  value(name: string): Value {
    const value = this.values.get(name);
    if (!value) throw new Error(`Tensor "${name}" has no known shape`);
    return value;
  }

  /** Adds a graph input. */
  addInput(value: Value): Value {
    this.define(value);
    this.inputs.push(value);
    return value;
  }

  /** Adds a constant tensor under its own name, sharing its bytes. */
  addInitializer(tensor: TensorProto): void {
    const type = tensorType(tensor);
    if (type && !isShape(type.shape)) {
      throw new UserError(
        `Cannot use tensor "${tensor.name}": its shape is [${type.shape}]`,
        "check that the model was downloaded whole",
      );
    }
    if (type) this.define({ name: tensor.name, ...type });
    this.initializers.set(tensor.name, tensor);
  }

  /** Adds a node as it is and infers the types of its outputs. */
  addNode(node: NodeProto): void {
    this.nodes.push(node);
    const types = inferTypes(new NodeView(node, this));
    node.output.forEach((name, i) => {
      const type = types[i];
      if (type && !isShape(type.shape)) throw new Error(`it gives shape [${type.shape}]`);
      if (name !== "" && type) this.define({ ...type, name });
    });
  }

  /** Declares the type of a tensor whose type could not be inferred. */
  declare(name: string, type: TensorType | undefined): void {
    if (!type || this.values.has(name)) return;
    this.define({ ...type, name });
    this.#declared.add(name);
  }

  /**
   * The finished model, without nodes and weights that no output needs. It declares no types that
   * follow from operators, since runtimes infer them too, and not all alike.
   *
   * @param inputs Graph inputs; the default is those added, in order.
   */
  build(outputs: readonly Value[], inputs: readonly Value[] = this.inputs): OnnxModel {
    const { nodes, initializers } = prune(this.nodes, this.initializers, outputs);
    const ends = new Set([...outputs, ...inputs].map(({ name }) => name));
    const told = nodes.flatMap(({ output }) => output)
      .filter((name) => this.#declared.has(name) && !ends.has(name));
    const graph = create(GraphProtoSchema, {
      name: this.#header.graph?.name || "graph",
      node: nodes,
      initializer: initializers,
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
      valueInfo: told.map((name) => valueInfo(this.value(name))),
    });
    return changed(this.#header, { graph });
  }

  /** Makes a tensor's type known. */
  protected define(value: Value): void {
    this.values.set(value.name, value);
  }
}

/** No runtime here holds a tensor of more elements. */
const MOST_ELEMENTS = 2 ** 32;

/** Tells whether numbers can be the sizes of a tensor. */
export function isShape(shape: readonly number[]): boolean {
  return shape.every((size) => Number.isInteger(size) && size >= 0) &&
    sizeOf(shape) <= MOST_ELEMENTS;
}

/**
 * Names a node reads: its inputs, and what the subgraphs of its attributes (`If`, `Loop`) take from
 * outside.
 */
export function readNames(node: NodeProto): string[] {
  const subgraphs = node.attribute.flatMap(({ g, graphs }) => g ? [g, ...graphs] : graphs);
  return [...node.input.filter(Boolean), ...subgraphs.flatMap(outerNames)];
}

function outerNames(graph: GraphProto): string[] {
  // Names defined inside are listed too. At worst that keeps a node too many.
  return [...graph.node.flatMap(readNames), ...graph.output.map(({ name }) => name)];
}

/**
 * The nodes and constants the outputs depend on, in their order.
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

/** Names of a tensor and of all that it is computed from. */
export function ancestors(nodes: readonly NodeProto[], of: string): Set<string> {
  const names = new Set([of]);
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => names.has(name))) continue;
    for (const name of readNames(node)) names.add(name);
  }
  return names;
}
