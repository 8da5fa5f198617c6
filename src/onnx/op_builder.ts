/**
 * Builds graphs node by node, with a method for each common operator.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { type Attributes, makeAttributes } from "./attribute.ts";
import { type DataType, dataTypeCode } from "./dtype.ts";
import { Graph } from "./graph.ts";
import { type NodeProto, NodeProtoSchema } from "./proto/onnx_pb.ts";
import { makeTensor, tensorValues } from "./tensor.ts";
import { fromFront, sameShape, type TensorType, type Value } from "./value.ts";

/** The operator set from which reductions other than `ReduceSum` take their axes as an input. */
const AXES_INPUT_OPSET = 18;

/** Reductions the builder emits. */
export type Reduction =
  | "ReduceSum"
  | "ReduceMean"
  | "ReduceMax"
  | "ReduceMin"
  | "ReduceProd"
  | "ReduceSumSquare";

/** Equal constants of at most this many elements are one tensor. */
const SHARED_CONSTANT = 64;

/**
 * A graph that nodes are emitted to. It names their outputs and hides the differences between operator
 * sets.
 */
export class OpBuilder extends Graph {
  readonly #reserved = new Set<string>();
  readonly #serials = new Map<string, number>();
  /** Emitted nodes by the names of their outputs. */
  readonly #emitted = new Map<string, NodeProto>();
  readonly #shared = new Map<string, Value>();

  /** A name that no tensor has, made from a hint. */
  fresh(hint: string): string {
    let name = hint;
    let serial = this.#serials.get(hint) ?? 0;
    while (this.values.has(name) || this.#reserved.has(name)) name = `${hint}_${++serial}`;
    this.#serials.set(hint, serial);
    this.#reserved.add(name);
    return name;
  }

  /** Reserves names, so that {@linkcode fresh} does not give them out. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#reserved.add(name);
  }

  /**
   * A constant tensor. Equal small constants are one tensor.
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
   * @param outputs Their number; or their types, for an operator without an inference rule.
   * @param domain The operator's domain; the default is ONNX's own.
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
   * Gives a tensor another name. The output of an emitted node loses its old name; any other tensor gets
   * an {@linkcode alias}.
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

  /** A constant scalar of the element type of `like`. */
  scalar(value: number, like: Value): Value {
    return this.constant(like.dtype, [], value);
  }

  /** `a + b`, broadcast. */
  add(a: Value, b: Value): Value {
    return this.emit("Add", [a, b]);
  }

  /** `a − b`, broadcast. */
  sub(a: Value, b: Value): Value {
    return this.emit("Sub", [a, b]);
  }

  /** `a · b`, element by element, broadcast. */
  mul(a: Value, b: Value): Value {
    return this.emit("Mul", [a, b]);
  }

  /** `a / b`, broadcast. */
  div(a: Value, b: Value): Value {
    return this.emit("Div", [a, b]);
  }

  /** Matrix product of the last two axes, batched over the others. */
  matMul(a: Value, b: Value): Value {
    return this.emit("MatMul", [a, b]);
  }

  /** Converts to another element type. */
  cast(x: Value, dtype: Value["dtype"]): Value {
    return x.dtype === dtype ? x : this.emit("Cast", [x], { to: dataTypeCode(dtype) });
  }

  /** The same elements in another shape. */
  reshape(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    return this.emit("Reshape", [x, this.constant("int64", [shape.length], shape)]);
  }

  /** Axis `i` of the result is axis `perm[i]` of `x`. */
  transpose(x: Value, perm: readonly number[]): Value {
    return perm.every((from, to) => from === to) ? x : this.emit("Transpose", [x], { perm });
  }

  /** Swaps the last two axes. */
  transposeMatrix(x: Value): Value {
    const rank = x.shape.length;
    const perm = x.shape.map((_, axis) => axis);
    return this.transpose(x, perm.with(rank - 2, rank - 1).with(rank - 1, rank - 2));
  }

  /** Reduces over some axes, which stay as size 1. */
  reduce(op: Reduction, x: Value, axes: readonly number[]): Value {
    if (axes.length === 0) return op === "ReduceSumSquare" ? this.mul(x, x) : x;
    if (op !== "ReduceSum" && this.opset < AXES_INPUT_OPSET) return this.emit(op, [x], { axes });
    return this.emit(op, [x, this.constant("int64", [axes.length], axes)]);
  }

  /** Repeats axes of size 1 until the shape is `shape`. */
  expand(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    return this.emit("Expand", [x, this.constant("int64", [shape.length], shape)]);
  }

  /** Joins tensors along an axis. */
  concat(parts: readonly Value[], axis: number): Value {
    return parts.length === 1 ? parts[0] : this.emit("Concat", parts, { axis });
  }

  /** Elements `start, start + step, …` before `end` of one axis. */
  slice(x: Value, axis: number, start: number, end: number, step = 1): Value {
    const at = fromFront(axis, x.shape.length);
    if (step === 1 && start === 0 && end >= x.shape[at]) return x;
    const [starts, ends, axes, steps] = [start, end, at, step].map((value) =>
      this.constant("int64", [1], [value])
    );
    return this.emit("Slice", [x, starts, ends, axes, steps]);
  }

  /**
   * Adds `value` before and after each axis; negative amounts take elements away.
   *
   * @param value The elements that are added; the default is 0.
   */
  pad(x: Value, before: readonly number[], after: readonly number[], value = 0): Value {
    const crop = (amount: number) => Math.max(0, -amount);
    let result = x;
    x.shape.forEach((size, axis) => {
      result = this.slice(result, axis, crop(before[axis]), size - crop(after[axis]));
    });
    const amounts = [...before, ...after].map((amount) => Math.max(0, amount));
    if (amounts.every((amount) => amount === 0)) return result;
    const pads = this.constant("int64", [amounts.length], amounts);
    return this.emit("Pad", [result, pads, this.scalar(value, x)]);
  }
}
