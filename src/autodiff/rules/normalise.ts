/**
 * Rules of normalisations: `y = γ·x̂ + β` with `x̂ = (x − μ)/√(v + ε)`.
 *
 * @module
 */
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { fromFront, sizeOf, type Value } from "../../onnx/value.ts";
import type { RuleTable } from "../rule.ts";

/** A normalised tensor `x̂ = (x − μ)·r` with its scale `r = 1/√(v + ε)`. */
interface Normalised {
  readonly xHat: Value;
  readonly r: Value;
}

/** r = 1/√(v + ε) */
function reciprocalDeviation(g: OpBuilder, variance: Value, epsilon: number): Value {
  const deviation = g.emit("Sqrt", [g.add(variance, g.scalar(epsilon, variance))]);
  return g.emit("Reciprocal", [deviation]);
}

/** `x̂` and `r`, with mean and variance taken over some axes of x. */
function normalised(g: OpBuilder, x: Value, axes: readonly number[], epsilon: number): Normalised {
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  // d = x − μ
  const d = g.sub(x, g.reduce("ReduceMean", x, axes));
  // v = Σ d² / n
  const variance = g.mul(g.reduce("ReduceSumSquare", d, axes), g.scalar(1 / count, x));
  const r = reciprocalDeviation(g, variance, epsilon);
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

/** A vector with one entry a channel, shaped to broadcast over axis 1 of x. */
function perChannel(g: OpBuilder, vector: Value, x: Value): Value {
  return g.reshape(vector, [vector.shape[0], ...x.shape.slice(2).map(() => 1)]);
}

/** Sums over all axes but the channels'. */
function sumPerChannel(g: OpBuilder, x: Value): Value {
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return g.reshape(g.reduce("ReduceSum", x, others), [x.shape[1]]);
}

/** Normalisations. `GroupNormalization` is written out as `InstanceNormalization` beforehand. */
export const normalise: RuleTable = {
  // μ and v over the spatial axes of each channel
  InstanceNormalization: {
    inputs: ["input", "scale", "B"],
    adjoint: ({ g, node, x: [x, scale], dy }) => {
      const spatial = x.shape.map((_, axis) => axis).slice(2);
      const parts = normalised(g, x, spatial, node.float("epsilon", 1e-5));
      return [
        // x̂̄ = ȳ·γ
        () => denormalise(g, parts, g.mul(dy, perChannel(g, scale, x)), spatial),
        // γ̄ = Σ ȳ·x̂
        () => sumPerChannel(g, g.mul(dy, parts.xHat)),
        // β̄ = Σ ȳ
        () => sumPerChannel(g, dy),
      ];
    },
  },

  // μ and v over the axes from `axis` on; γ and β broadcast over the others
  LayerNormalization: {
    inputs: ["X", "Scale", "B"],
    adjoint: ({ g, node, x: [x, scale], dy }) => {
      const first = fromFront(node.int("axis", -1), x.shape.length);
      const axes = x.shape.map((_, axis) => axis).slice(first);
      const parts = normalised(g, x, axes, node.float("epsilon", 1e-5));
      return [
        // x̂̄ = ȳ·γ
        () => denormalise(g, parts, g.mul(dy, scale), axes),
        // γ̄ = Σ ȳ·x̂
        () => g.mul(dy, parts.xHat),
        // β̄ = Σ ȳ
        () => dy,
      ];
    },
  },

  BatchNormalization: {
    inputs: ["X", "scale", "B"],
    notes: "With training_mode = 1, through the batch statistics",
    adjoint: ({ g, node, x: [x, scale, , mean, variance], dy }) => {
      const gamma = perChannel(g, scale, x);
      const epsilon = node.float("epsilon", 1e-5);
      const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
      const training = node.int("training_mode", 0) === 1;
      const parts = (): Normalised => {
        // μ and v over the batch and space
        if (training) return normalised(g, x, axes, epsilon);
        // μ and v are given
        const r = reciprocalDeviation(g, perChannel(g, variance, x), epsilon);
        return { r, xHat: g.mul(g.sub(x, perChannel(g, mean, x)), r) };
      };
      return [
        () =>
          training
            // x̂̄ = ȳ·γ
            ? denormalise(g, parts(), g.mul(dy, gamma), axes)
            // x̄ = ȳ·(γ·r)
            : g.mul(dy, g.mul(gamma, parts().r)),
        // γ̄ = Σ ȳ·x̂
        () => sumPerChannel(g, g.mul(dy, parts().xHat)),
        // β̄ = Σ ȳ
        () => sumPerChannel(g, dy),
      ];
    },
  },
};
