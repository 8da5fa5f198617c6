/**
 * A tensor in a graph: its name, element type and shape.
 *
 * @module
 */
import type { DataType } from "./dtype.ts";

/** Element type and static shape of a tensor. */
export interface TensorType {
  /** Element type. */
  readonly dtype: DataType;
  /** Sizes of the axes, outermost first; `[]` is a scalar. */
  readonly shape: readonly number[];
}

/** A named tensor of a graph: an input, an initializer or a node's output. */
export interface Value extends TensorType {
  /** The name nodes refer to it by. */
  readonly name: string;
}

/** Number of elements of a shape: the product of its sizes. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Tells whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** `axis` counted from the front: −1 is the last of `rank` axes. */
export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * The shape that several shapes broadcast to, as in NumPy: aligned at the last axis, sizes equal or 1.
 *
 * @throws {Error} The shapes do not broadcast.
 */
export function broadcastShapes(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result = 1;
    for (const shape of shapes) {
      const size = shape[axis - rank + shape.length] ?? 1;
      if (size === 1) continue;
      if (result !== 1 && result !== size) {
        throw new Error(`Shapes ${shapes.map((s) => `[${s}]`).join(" and ")} do not broadcast`);
      }
      result = size;
    }
    return result;
  });
}

/** Offset between neighbours along each axis of a contiguous tensor, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}
