/**
 * What constant folding works on: small tensors as JavaScript numbers.
 *
 * @module
 */
import type { NodeView } from "../node_view.ts";
import { sizeOf, stridesOf, type TensorType } from "../value.ts";

/** A small constant tensor; truth values are 0 and 1. */
export interface Constant extends TensorType {
  /** Row-major numbers. */
  readonly values: readonly number[];
}

/** The numbers of a node's only output, from its inputs; `type` is the output's. */
export type FoldRule = (
  node: NodeView,
  inputs: readonly Constant[],
  type: TensorType,
) => readonly number[];

/** Rules by operator. */
export type FoldTable = Readonly<Partial<Record<string, FoldRule>>>;

/** The coordinates of every element of a shape, row-major. */
export function* coordinates(shape: readonly number[]): Generator<number[]> {
  const size = sizeOf(shape);
  const strides = stridesOf(shape);
  for (let i = 0; i < size; i++) {
    yield shape.map((length, axis) => Math.floor(i / strides[axis]) % length);
  }
}

/** The element at some coordinates; axes of size 1 repeat and missing leading axes are dropped. */
export function at(tensor: Constant, coordinate: readonly number[]): number {
  const strides = stridesOf(tensor.shape);
  const skip = coordinate.length - tensor.shape.length;
  const offset = tensor.shape.reduce(
    (sum, size, axis) => size === 1 ? sum : sum + coordinate[axis + skip] * strides[axis],
    0,
  );
  return tensor.values[offset];
}
