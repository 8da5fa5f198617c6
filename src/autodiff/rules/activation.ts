/**
 * Rules of activations.
 *
 * @module
 */
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { RuleTable } from "../rule.ts";

/** 1 − x. */
const oneMinus = (g: OpBuilder, x: Value) => g.sub(g.scalar(1, x), x);

/** Activations. */
export const activation: RuleTable = {
  // y = σ(x)  ⇒  x̄ = ȳ·y·(1 − y)
  Sigmoid: {
    inputs: ["X"],
    adjoint: ({ g, y: [y], dy }) => [() => g.mul(dy, g.mul(y, oneMinus(g, y)))],
  },

  // y = erf x  ⇒  x̄ = ȳ·(2/√π)·exp(−x²)
  Erf: {
    inputs: ["input"],
    adjoint: ({ g, x: [x], dy }) => [() => {
      const bell = g.emit("Exp", [g.emit("Neg", [g.mul(x, x)])]);
      return g.mul(dy, g.mul(bell, g.scalar(2 / Math.sqrt(Math.PI), x)));
    }],
  },

  // y = min(max(x, low), high)  ⇒  x̄ = ȳ where low ≤ x ≤ high
  Clip: {
    inputs: ["input"],
    notes: "The bounds get none",
    adjoint: ({ g, node, x: [x], y: [y], dy }) => [
      node.inputs[1] || node.inputs[2]
        ? () => g.emit("Where", [g.emit("Equal", [x, y]), dy, g.scalar(0, dy)])
        : () => dy,
    ],
  },

  Softmax: {
    inputs: ["input"],
    // x̄ = y·(ȳ − Σ y·ȳ)
    adjoint: ({ g, node, y: [y], dy }) => [() => {
      const sum = g.reduce("ReduceSum", g.mul(y, dy), [node.int("axis", -1)]);
      return g.mul(y, g.sub(dy, sum));
    }],
  },
};
