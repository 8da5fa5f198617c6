/**
 * Pieces of graphs that several rules emit.
 *
 * @module
 */
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { sizeOf, type Value } from "../../onnx/value.ts";

/**
 * Applies a matrix [m, n] along an axis of size n, which becomes m.
 */
export function alongAxis(g: OpBuilder, matrix: Value, x: Value, axis: number): Value {
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const [m, n] = matrix.shape;
  const result = [...outer, m, ...inner];
  // The last axis multiplies from the right, which spares products with one-column matrices.
  if (inner.length === 0) {
    const rows = g.reshape(x, [sizeOf(outer), n]);
    return g.reshape(g.matMul(rows, g.transposeMatrix(matrix)), result);
  }
  const stacked = g.reshape(x, [sizeOf(outer), n, sizeOf(inner)]);
  return g.reshape(g.matMul(matrix, stacked), result);
}

/**
 * Reshapes a vector [C] so that it broadcasts over axis 1 of x [N, C, …].
 */
export function perChannel(g: OpBuilder, vector: Value, x: Value): Value {
  return g.reshape(vector, [vector.shape[0], ...x.shape.slice(2).map(() => 1)]);
}

/**
 * The adjoint of picking the largest or smallest element: the element that was picked gets the
 * cotangent; equal ones share it.
 *
 * @param x Candidates.
 * @param op The reduction that picks.
 * @param y The picked elements, with size 1 along `axes`.
 * @param dy Its cotangent.
 * @param axes The axes along which elements were picked.
 */
export function share(
  g: OpBuilder,
  op: "ReduceMax" | "ReduceMin",
  x: Value,
  y: Value,
  dy: Value,
  axes: readonly number[],
): Value {
  // A runtime may round y to float16 and x not yet, so that none would be equal.
  const half = x.dtype === "float16";
  const candidates = half ? g.cast(x, "float32") : x;
  const best = half ? g.reduce(op, candidates, axes) : y;
  // m = 1 where x = y
  const picked = g.cast(g.emit("Equal", [candidates, best]), dy.dtype);
  // x̄ = m·ȳ / Σ m
  return g.mul(picked, g.div(dy, g.reduce("ReduceSum", picked, axes)));
}
