/**
 * Building graphs node by node.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { type Attributes, makeAttributes } from "./attribute.ts";
import type { DataType } from "./dtype.ts";
import { Graph } from "./graph.ts";
import { type NodeProto, NodeProtoSchema } from "./proto/onnx_pb.ts";
import { makeTensor, tensorValues } from "./tensor.ts";
import type { TensorType, Value } from "./value.ts";

/** Constants up to this many elements are shared when equal. */
const SHARED_CONSTANT = 64;

/**
 * A graph to which nodes are emitted, with fresh names for their outputs.
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
 * const model = g.build([g.rename(y, "y")]);
 * console.assert(opsetOf(model) === 18 && y.shape[0] === 3);
 * ```
 */
export class GraphBuilder extends Graph {
  readonly #reserved = new Set<string>();
  readonly #serials = new Map<string, number>();
  /** Emitted nodes by the names of their outputs. */
  readonly #emitted = new Map<string, NodeProto>();
  readonly #shared = new Map<string, Value>();

  /** A name no tensor has yet, made from a hint. */
  fresh(hint: string): string {
    let name = hint;
    let serial = this.#serials.get(hint) ?? 0;
    while (this.values.has(name) || this.#reserved.has(name)) name = `${hint}_${++serial}`;
    this.#serials.set(hint, serial);
    this.#reserved.add(name);
    return name;
  }

  /** Keeps names from being given out by {@linkcode fresh}. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#reserved.add(name);
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

  /**
   * Adds a node with several outputs.
   *
   * @param outputs How many; or their types, for an operator without an inference rule.
   * @param domain The operator's domain; the default one if left out.
   */
  emitAll(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes,
    outputs: number | readonly TensorType[],
    domain = "",
  ): Value[] {
    const types = typeof outputs === "number"
      ? new Array<undefined>(outputs).fill(undefined)
      : outputs;
    const names = types.map(() => this.fresh(op));
    const node = create(NodeProtoSchema, {
      opType: op,
      domain,
      input: inputs.map((value) => value?.name ?? ""),
      output: names,
      attribute: makeAttributes(attributes),
    });
    this.addNode(node);
    names.forEach((name, i) => {
      this.declare(name, types[i]);
      this.#emitted.set(name, node);
    });
    return names.map((name) => this.value(name));
  }

  /**
   * The tensor under a second name, through an `Identity` node.
   *
   * @throws {Error} The name is taken.
   */
  alias(value: Value, name: string): Value {
    if (this.values.has(name)) throw new Error(`The graph has a tensor "${name}" already`);
    this.addNode(create(NodeProtoSchema, {
      opType: "Identity",
      input: [value.name],
      output: [name],
    }));
    return this.value(name);
  }

  /**
   * Gives a tensor another name: the output of an emitted node loses its old one, any other tensor
   * gets an {@linkcode alias}.
   *
   * @throws {Error} The name is taken.
   */
  rename(value: Value, name: string): Value {
    const producer = this.#emitted.get(value.name);
    if (!producer || this.values.has(name)) return this.alias(value, name);
    const swap = (names: string[]) => names.map((other) => other === value.name ? name : other);
    producer.output = swap(producer.output);
    // Only nodes emitted here can read a name made here, so no other graph's nodes change.
    for (const node of this.nodes.slice(this.nodes.lastIndexOf(producer) + 1)) {
      if (node.input.includes(value.name)) node.input = swap(node.input);
    }
    this.#emitted.delete(value.name);
    this.#emitted.set(name, producer);
    this.values.delete(value.name);
    this.define({ ...value, name });
    return this.value(name);
  }
}
