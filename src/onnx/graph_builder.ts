/**
 * Building graphs node by node, with every tensor's type known as soon as its node is added.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from "npm:onnx-buf@1.20.0-1";
import { type Attributes, makeAttributes } from "./attribute.ts";
import type { DataType } from "./dtype.ts";
import { inferTypes } from "./infer.ts";
import { graphOf, type Model, opsetOf } from "./model.ts";
import { NodeView } from "./node_view.ts";
import { prune } from "./prune.ts";
import { makeTensor, tensorType, tensorValues } from "./tensor.ts";
import type { TensorType, Value } from "./value.ts";
import { staticType, valueInfo } from "./value_info.ts";

/** Constants up to this many elements are shared when equal. */
const SHARED_CONSTANT = 64;

/**
 * A graph under construction. Every added node has its outputs' types inferred at once, so whoever builds on
 * them reads static shapes.
 *
 * @example
 * ```ts
 * import { GraphBuilder } from "./graph_builder.ts";
 * import { opsetOf } from "./model.ts";
 *
 * // y = 2x
 * const g = new GraphBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [3] });
 * const y = g.emit("Mul", [x, g.constant("float32", [], 2)]);
 * const model = g.build([g.alias(y, "y")]);
 * console.assert(opsetOf(model) === 18 && y.shape[0] === 3);
 * ```
 */
export class GraphBuilder {
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
  readonly #taken = new Set<string>();
  /** Tensors whose types were told, not inferred. */
  readonly #declared = new Set<string>();
  readonly #shared = new Map<string, Value>();
  #serial = 0;

  /**
   * An empty graph.
   *
   * @param like The operator set to write in, or a model to take versions and metadata from.
   */
  constructor(like: { opset: number } | Model) {
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

  /** A builder that holds a model's graph, to be added to. Weights are shared, not copied. */
  static from<Builder extends GraphBuilder>(
    this: new (like: Model) => Builder,
    model: Model,
  ): Builder {
    const g = new this(model);
    const graph = graphOf(model);
    for (const tensor of graph.initializer) g.addInitializer(tensor);
    for (const info of [...graph.input, ...graph.valueInfo, ...graph.output]) {
      g.declare(info.name, staticType(info));
    }
    for (const { name } of graph.input) {
      if (!g.initializers.has(name)) g.inputs.push(g.value(name));
    }
    for (const node of graph.node) g.addNode(node);
    return g;
  }

  /** A name nothing has yet, made from a hint. */
  fresh(hint: string): string {
    let name = hint;
    while (this.#taken.has(name)) name = `${hint}_${++this.#serial}`;
    this.#taken.add(name);
    return name;
  }

  /** Keeps names from being given out by {@linkcode fresh}. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#taken.add(name);
  }

  /** The tensor of that name. @throws {Error} There is none, or its type is not known. */
  value(name: string): Value {
    const value = this.values.get(name);
    if (!value) throw new Error(`Tensor "${name}" has no known shape`);
    return value;
  }

  /** Adds a graph input. */
  addInput(value: Value): Value {
    this.#define(value);
    this.inputs.push(value);
    return value;
  }

  /** Adds a constant tensor under its own name, sharing its bytes. */
  addInitializer(tensor: TensorProto): void {
    const type = tensorType(tensor);
    if (type) this.#define({ name: tensor.name, ...type });
    this.initializers.set(tensor.name, tensor);
    this.#taken.add(tensor.name);
  }

  /** Adds a node as it is and infers the types of its outputs. */
  addNode(node: NodeProto): void {
    this.nodes.push(node);
    const types = inferTypes(new NodeView(node, this));
    node.output.forEach((name, i) => {
      const type = types[i];
      this.#taken.add(name);
      if (name !== "" && type) this.#define({ ...type, name });
    });
  }

  /** Says the type of a tensor for which none could be inferred. */
  declare(name: string, type: TensorType | undefined): void {
    if (!type || this.values.has(name)) return;
    this.#define({ ...type, name });
    this.#declared.add(name);
  }

  /**
   * A constant tensor; equal small ones are shared.
   *
   * @param values Row-major numbers, or one number that fills the tensor.
   */
  constant(dtype: DataType, shape: readonly number[], values: number | ArrayLike<number>): Value {
    const list = typeof values === "number" ? [values] : Array.from(values);
    const key = list.length <= SHARED_CONSTANT ? `${dtype}[${shape}]${list}` : undefined;
    const known = key && this.#shared.get(key);
    if (known) return known;
    const tensor = makeTensor(this.fresh("constant"), dtype, shape, values);
    this.addInitializer(tensor);
    const value = this.value(tensor.name);
    if (key) this.#shared.set(key, value);
    return value;
  }

  /** The numbers of a constant tensor; `undefined` where the value is not constant. */
  constantValues(value: Value): number[] | undefined {
    const tensor = this.initializers.get(value.name);
    return tensor && tensorValues(tensor);
  }

  /**
   * Adds a node with one output.
   *
   * @param inputs In the operator's order; `undefined` leaves an optional one out.
   * @throws {Error} The output's type cannot be inferred.
   */
  emit(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
    return this.emitAll(op, inputs, attributes, 1)[0];
  }

  /** Adds a node with several outputs. */
  emitAll(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes,
    outputs: number,
  ): Value[] {
    const names = Array.from({ length: outputs }, () => this.fresh(op));
    this.addNode(create(NodeProtoSchema, {
      name: names[0],
      opType: op,
      input: inputs.map((value) => value?.name ?? ""),
      output: names,
      attribute: makeAttributes(attributes),
    }));
    return names.map((name) => this.value(name));
  }

  /**
   * The tensor under a second name, through an `Identity` node (which runtimes remove).
   *
   * @throws {Error} The name is taken.
   */
  alias(value: Value, name: string): Value {
    if (this.values.has(name)) throw new Error(`The graph has a tensor "${name}" already`);
    this.addNode(create(NodeProtoSchema, {
      name,
      opType: "Identity",
      input: [value.name],
      output: [name],
    }));
    return this.value(name);
  }

  /**
   * The finished model: nodes and weights that no output needs are left out. Types that follow from the operators
   * are not written down, since runtimes infer them too, and not all alike.
   *
   * @param inputs Graph inputs; by default those added, in order.
   */
  build(outputs: readonly Value[], inputs: readonly Value[] = this.inputs): Model {
    const { nodes, initializers } = prune(this.nodes, this.initializers, outputs);
    const ends = new Set([...outputs, ...inputs].map(({ name }) => name));
    const told = nodes.flatMap(({ output }) => output)
      .filter((name) => this.#declared.has(name) && !ends.has(name));
    const model: Model = { ...this.#header };
    model.graph = create(GraphProtoSchema, {
      name: this.#header.graph?.name || "graph",
      node: nodes,
      initializer: initializers,
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
      valueInfo: told.map((name) => valueInfo(this.value(name))),
    });
    return model;
  }

  #define(value: Value): void {
    this.#taken.add(value.name);
    this.values.set(value.name, value);
  }
}
