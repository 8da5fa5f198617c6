/**
 * Folding rules: operators on small constants, computed with JavaScript numbers.
 *
 * @module
 */
import { findAttribute } from "./attribute.ts";
import { reducedAxes } from "./infer/arithmetic.ts";
import { sliceRanges } from "./infer/shape.ts";
import type { NodeView } from "./node_view.ts";
import { tensorValues } from "./tensor.ts";
import { fromFront, sizeOf, stridesOf, type TensorType } from "./value.ts";

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

function elementwise(f: (...values: number[]) => number): FoldRule {
  return (_node, inputs, type) => map(f, inputs, type);
}

function map(
  f: (...values: number[]) => number,
  inputs: readonly Constant[],
  { dtype, shape }: TensorType,
): number[] {
  const whole = !dtype.startsWith("float") && dtype !== "bool";
  return [...coordinates(shape)].map((coordinate) => {
    const value = f(...inputs.map((input) => at(input, coordinate)));
    // Integer division rounds towards zero.
    return whole ? Math.trunc(value) : value;
  });
}

function reduction(f: (a: number, b: number) => number, empty: number): FoldRule {
  return (node, [input]) => {
    const axes = reducedAxes(node);
    const kept = input.shape.map((size, axis) => axes.includes(axis) ? 1 : size);
    return [...coordinates(kept)].map((outer) =>
      [...coordinates(input.shape.map((size, axis) => axes.includes(axis) ? size : 1))]
        .map((inner) => at(input, outer.map((index, axis) => index + inner[axis])))
        .reduce(f, empty)
    );
  };
}

const truth = (value: boolean) => value ? 1 : 0;

/** ONNX rounds halves to the even neighbour. */
const roundHalfEven = (a: number) =>
  Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a);

/** Arithmetic, comparisons and reductions. */
export const arithmetic: FoldTable = {
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => a / b),
  Pow: elementwise((a, b) => a ** b),
  Mod: (node, inputs, type) =>
    map(
      node.int("fmod", 0) === 1 ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b),
      inputs,
      type,
    ),
  Min: elementwise((...values) => Math.min(...values)),
  Max: elementwise((...values) => Math.max(...values)),
  Neg: elementwise((a) => -a),
  Abs: elementwise(Math.abs),
  Sqrt: elementwise(Math.sqrt),
  Reciprocal: elementwise((a) => 1 / a),
  Floor: elementwise(Math.floor),
  Ceil: elementwise(Math.ceil),
  Round: elementwise(roundHalfEven),
  Not: elementwise((a) => truth(a === 0)),
  And: elementwise((a, b) => truth(a !== 0 && b !== 0)),
  Or: elementwise((a, b) => truth(a !== 0 || b !== 0)),
  Equal: elementwise((a, b) => truth(a === b)),
  Greater: elementwise((a, b) => truth(a > b)),
  GreaterOrEqual: elementwise((a, b) => truth(a >= b)),
  Less: elementwise((a, b) => truth(a < b)),
  LessOrEqual: elementwise((a, b) => truth(a <= b)),
  Where: elementwise((condition, x, y) => condition !== 0 ? x : y),
  Cast: (_node, inputs, type) =>
    map(type.dtype === "bool" ? (a) => truth(a !== 0) : (a) => a, inputs, type),
  ReduceSum: reduction((a, b) => a + b, 0),
  ReduceProd: reduction((a, b) => a * b, 1),
  ReduceMin: reduction((a, b) => Math.min(a, b), Infinity),
  ReduceMax: reduction((a, b) => Math.max(a, b), -Infinity),
};

const sameValues: FoldRule = (_node, [input]) => input.values;

const broadcast: FoldRule = (_node, [input], { shape }) =>
  [...coordinates(shape)].map((coordinate) => at(input, coordinate));

/** Moving, looking up and making. */
export const shape: FoldTable = {
  Identity: sameValues,
  Reshape: sameValues,
  Flatten: sameValues,
  Squeeze: sameValues,
  Unsqueeze: sameValues,
  Expand: broadcast,

  Transpose: (node, [input], type) => {
    const perm = node.ints("perm") ?? input.shape.map((_, axis) => input.shape.length - 1 - axis);
    return [...coordinates(type.shape)].map((coordinate) =>
      at(input, input.shape.map((_, axis) => coordinate[perm.indexOf(axis)]))
    );
  },

  Concat: (node, inputs, type) => {
    const axis = fromFront(node.int("axis", 0), type.shape.length);
    return [...coordinates(type.shape)].map((coordinate) => {
      let offset = coordinate[axis];
      const part = inputs.find(({ shape }) => {
        if (offset < shape[axis]) return true;
        offset -= shape[axis];
        return false;
      });
      if (!part) throw new Error(`${node.label} joins fewer elements than its type says`);
      return at(part, coordinate.with(axis, offset));
    });
  },

  Slice: (node, [input], type) => {
    const ranges = sliceRanges(node);
    return [...coordinates(type.shape)].map((coordinate) =>
      at(input, coordinate.map((index, axis) => ranges[axis].start + index * ranges[axis].step))
    );
  },

  Gather: (node, [data, indices], type) => {
    const axis = fromFront(node.int("axis", 0), data.shape.length);
    const rank = indices.shape.length;
    return [...coordinates(type.shape)].map((coordinate) => {
      const index = at(indices, coordinate.slice(axis, axis + rank));
      return at(data, coordinate.toSpliced(axis, rank, fromFront(index, data.shape[axis])));
    });
  },

  ConstantOfShape: (node, _inputs, { shape }) => {
    const value = findAttribute(node.proto, "value")?.t;
    return new Array<number>(sizeOf(shape)).fill((value && tensorValues(value)?.[0]) ?? 0);
  },

  Range: (_node, [start, , delta], { shape: [length] }) =>
    Array.from({ length }, (_, i) => start.values[0] + i * delta.values[0]),
};
