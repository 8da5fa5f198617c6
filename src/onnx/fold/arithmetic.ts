/**
 * Arithmetic on small constants.
 *
 * @module
 */
import type { TensorType } from "../value.ts";
import { reducedAxes } from "../infer/reduce.ts";
import { at, type Constant, coordinates, type FoldRule, type FoldTable } from "./constant.ts";

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
