/**
 * A graph builder that speaks in operators, hiding what differs between operator sets.
 *
 * @module
 */
import { dataTypeCode } from "./dtype.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { fromFront, sameShape, type Value } from "./value.ts";

/** The operator set from which reductions other than `ReduceSum` take their axes as an input. */
const AXES_INPUT_OPSET = 18;

/** Reductions the builder emits. */
export type Reduction = "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceSumSquare";

/**
 * A {@linkcode GraphBuilder} with a method for each common operator.
 *
 * @example
 * ```ts
 * import { OpBuilder } from "./op_builder.ts";
 *
 * // y = x / √(mean x² + ε), over the last axis
 * const g = new OpBuilder({ opset: 14 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 8] });
 * const power = g.reduce("ReduceMean", g.mul(x, x), [1]);
 * const y = g.div(x, g.emit("Sqrt", [g.add(power, g.scalar(1e-6, x))]));
 * console.assert(y.shape[1] === 8);
 * ```
 */
export class OpBuilder extends GraphBuilder {
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
   * @param value What to add; 0 if left out.
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
