/**
 * Rules of reductions. The cotangent of a result goes back to every element that went into it.
 *
 * @module
 */
import { reducedAxes } from "../../onnx/infer/arithmetic.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { sizeOf, type Value } from "../../onnx/value.ts";
import type { AdjointContext, Rule, RuleTable } from "../rule.ts";
import { share } from "./common.ts";

/** The quantities in the formula of a reduction. */
interface Reduced {
  readonly g: OpBuilder;
  readonly x: Value;
  /** Result and its cotangent, with the reduced axes kept as size 1. */
  readonly y: Value;
  readonly dy: Value;
  readonly axes: readonly number[];
  /** Number of elements that went into each result. */
  readonly count: number;
}

/** A rule for `y = f(x)` over some axes, from the formula of `x̄` before broadcasting. */
function reduction(formula: (reduced: Reduced) => Value, notes?: string): Rule {
  const adjoint = ({ g, node, x: [x], y: [y], dy }: AdjointContext) => {
    const axes = reducedAxes(node);
    const kept = x.shape.map((size, axis) => axes.includes(axis) ? 1 : size);
    const count = sizeOf(x.shape) / sizeOf(kept);
    return [() => {
      const parts = { g, x, axes, count, y: g.reshape(y, kept), dy: g.reshape(dy, kept) };
      return g.expand(formula(parts), x.shape);
    }];
  };
  const attributes = ["axes", "keepdims", "noop_with_empty_axes"];
  return { inputs: ["data"], attributes, notes, adjoint };
}

/** x̄ = ȳ where x is the extreme one. */
const extreme = (op: "ReduceMax" | "ReduceMin") =>
  reduction(
    ({ g, x, y, dy, axes }) => share(g, op, x, y, dy, axes),
    "Ties share the cotangent equally",
  );

/** Reductions. */
export const reduce: RuleTable = {
  // y = Σ x  ⇒  x̄ = ȳ
  ReduceSum: reduction(({ dy }) => dy),

  // y = Σ x / n  ⇒  x̄ = ȳ / n
  ReduceMean: reduction(({ g, dy, count }) => g.mul(dy, g.scalar(1 / count, dy))),

  ReduceMax: extreme("ReduceMax"),
  ReduceMin: extreme("ReduceMin"),

  // y = Σ x²  ⇒  x̄ = 2x·ȳ
  ReduceSumSquare: reduction(({ g, x, dy }) => g.mul(x, g.mul(dy, g.scalar(2, dy)))),

  // y = √Σ x²  ⇒  x̄ = x·ȳ / y
  ReduceL2: reduction(({ g, x, y, dy }) => {
    const zero = g.scalar(0, y);
    return g.mul(x, g.emit("Where", [g.emit("Greater", [y, zero]), g.div(dy, y), zero]));
  }, "Zero at 0"),

  // y = Σ |x|  ⇒  x̄ = ȳ·sign x
  ReduceL1: reduction(({ g, x, dy }) => g.mul(dy, g.emit("Sign", [x])), "Zero at 0"),

  // y = ln Σ x  ⇒  x̄ = ȳ / Σ x
  ReduceLogSum: reduction(({ g, y, dy }) => g.div(dy, g.emit("Exp", [y]))),

  // y = Π x  ⇒  x̄ = ȳ·Π others
  ReduceProd: reduction(({ g, x, axes, dy }) => {
    const [zero, one] = [g.scalar(0, x), g.scalar(1, x)];
    const none = g.emit("Equal", [x, zero]);
    const rest = g.emit("Where", [none, one, x]);
    const product = g.reduce("ReduceProd", rest, axes);
    // A zero makes all others' cotangents zero, and two make all.
    const zeros = g.reduce("ReduceSum", g.cast(none, x.dtype), axes);
    const onlyZero = g.emit("Where", [g.emit("Equal", [zeros, one]), product, zero]);
    const noZero = g.emit("Where", [g.emit("Equal", [zeros, zero]), g.div(product, rest), zero]);
    return g.mul(dy, g.emit("Where", [none, onlyZero, noZero]));
  }),

  // y = ln Σ eˣ  ⇒  x̄ = ȳ·e^(x − y)
  ReduceLogSumExp: reduction(({ g, x, y, dy }) => g.mul(dy, g.emit("Exp", [g.sub(x, y)]))),
};
