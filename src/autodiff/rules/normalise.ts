/**
 * Rules of normalisations.
 *
 * @module
 */
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { sizeOf, type Value } from "../../onnx/value.ts";
import type { RuleTable } from "../rule.ts";

/** A normalised tensor `x̂ = (x − μ)·r` with its scale `r = 1/√(v + ε)`. */
interface Normalised {
  readonly xHat: Value;
  readonly r: Value;
}

/** `x̂` and `r` over some axes. */
function normalised(g: OpBuilder, x: Value, axes: readonly number[], epsilon: number): Normalised {
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  // d = x − μ
  const d = g.sub(x, g.reduce("ReduceMean", x, axes));
  // v = Σ d² / n
  const v = g.mul(g.reduce("ReduceSumSquare", d, axes), g.scalar(1 / count, x));
  // r = 1/√(v + ε)
  const r = g.emit("Reciprocal", [g.emit("Sqrt", [g.add(v, g.scalar(epsilon, x))])]);
  return { xHat: g.mul(d, r), r };
}

/** x̄ = r·(x̂̄ − mean x̂̄ − x̂·mean(x̂̄·x̂)), over the axes x was normalised over. */
function denormalise(
  g: OpBuilder,
  { xHat, r }: Normalised,
  dxHat: Value,
  axes: readonly number[],
): Value {
  const mean = g.reduce("ReduceMean", dxHat, axes);
  const slope = g.reduce("ReduceMean", g.mul(dxHat, xHat), axes);
  return g.mul(r, g.sub(g.sub(dxHat, mean), g.mul(xHat, slope)));
}

/** Normalisations. */
export const normalise: RuleTable = {
  // y = γ·x̂ + β, x̂ over the spatial axes of each channel
  InstanceNormalization: {
    inputs: ["input", "scale", "B"],
    adjoint: ({ g, node, x: [x, scale, bias], dy }) => {
      const spatial = x.shape.map((_, axis) => axis).slice(2);
      const others = [0, ...spatial];
      const parts = normalised(g, x, spatial, node.float("epsilon", 1e-5));
      const gamma = g.reshape(scale, [scale.shape[0], ...spatial.map(() => 1)]);
      return [
        // x̂̄ = ȳ·γ
        () => denormalise(g, parts, g.mul(dy, gamma), spatial),
        // γ̄ = Σ ȳ·x̂
        () => g.reshape(g.reduce("ReduceSum", g.mul(dy, parts.xHat), others), scale.shape),
        // β̄ = Σ ȳ
        () => g.reshape(g.reduce("ReduceSum", dy, others), bias.shape),
      ];
    },
  },
};
