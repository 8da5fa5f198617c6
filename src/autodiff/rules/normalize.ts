/**
 * `Normalize`, the operator that all normalisations are lowered to, and the rule of a normalisation
 * whose statistics are given.
 *
 * `Normalize` takes a tensor to zero mean and unit variance over some axes:
 *
 *     x̂ = (x − μ)·r,  r = 1/√(v + ε),  μ = mean x,  v = mean (x − μ)²
 *
 * It is not an ONNX operator, and no model that `vjp` returns contains it. `vjp` lowers normalisations
 * to it, so that forward can hand over `x̂` and `r` and backward needs few passes over memory. It then
 * replaces it by standard operators. Statistics are float32 even where the tensor is float16.
 *
 * @module
 */
import { float } from "../../onnx/attribute.ts";
import type { DataType } from "../../onnx/dtype.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Rewrite } from "../../onnx/rewrite.ts";
import { sizeOf, type Value } from "../../onnx/value.ts";
import type { Rule, RuleTable } from "../rule.ts";
import { perChannel } from "./common.ts";

/** Operator type of `Normalize` nodes. */
export const NORMALIZE = "Normalize";

/** Domain of operators that exist only during differentiation. */
export const INTERNAL_DOMAIN = "peekaboo.autodiff";

const precise = ({ dtype }: Value): DataType => dtype === "float16" ? "float32" : dtype;

/**
 * Emits a `Normalize` node over some axes and returns `x̂`.
 */
export function normalize(
  g: OpBuilder,
  x: Value,
  axes: readonly number[],
  epsilon: number,
): Value {
  const statistics = x.shape.map((size, axis) => axes.includes(axis) ? 1 : size);
  const [xHat] = g.emitAll(
    NORMALIZE,
    [x],
    { axes, epsilon: float(epsilon) },
    [x, { dtype: precise(x), shape: statistics }],
    INTERNAL_DOMAIN,
  );
  return xHat;
}

/** Replaces a `Normalize` node by standard operators. */
export const writeOutNormalize: Rewrite = (g, node) => {
  const x = node.input(0);
  const axes = node.ints("axes") ?? [];
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  const exact = g.cast(x, precise(x));
  // d = x − μ
  const d = g.sub(exact, g.reduce("ReduceMean", exact, axes));
  // v = Σ d² / n
  const v = g.mul(g.reduce("ReduceSumSquare", d, axes), g.scalar(1 / count, d));
  // r = 1/√(v + ε)
  const deviation = g.emit("Sqrt", [g.add(v, g.scalar(node.float("epsilon", 0), v))]);
  const r = g.emit("Reciprocal", [deviation]);
  // x̂ = d·r
  return [g.cast(g.mul(d, r), x.dtype), r];
};

/** x̄ = r·(x̂̄ − mean x̂̄ − x̂·mean(x̂̄·x̂)) */
export const normalizeRule: Rule = {
  inputs: ["X"],
  attributes: ["axes", "epsilon"],
  adjoint: ({ g, node, x: [x], y: [y, r], dy }) => [() => {
    const axes = node.ints("axes") ?? [];
    const [xHat, dxHat] = [g.cast(y, r.dtype), g.cast(dy, r.dtype)];
    const mean = g.reduce("ReduceMean", dxHat, axes);
    const slope = g.reduce("ReduceMean", g.mul(dxHat, xHat), axes);
    const inner = g.sub(g.sub(dxHat, mean), g.mul(xHat, slope));
    return g.cast(g.mul(r, inner), x.dtype);
  }],
};

/** Sums over all axes but the channel axis. */
function sumPerChannel(g: OpBuilder, x: Value): Value {
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return g.reshape(g.reduce("ReduceSum", x, others), [x.shape[1]]);
}

/** Normalisations with given statistics. */
export const normalise: RuleTable = {
  // y = γ·(x − μ)·r + β with r = 1/√(v + ε)
  BatchNormalization: {
    inputs: ["X", "scale", "B", "input_mean", "input_var"],
    attributes: ["epsilon", "momentum", "training_mode"],
    adjoint: ({ g, node, x: [x, scale, , mean, variance], dy }) => {
      const epsilon = g.scalar(node.float("epsilon", 1e-5), variance);
      const deviation = g.emit("Sqrt", [g.add(variance, epsilon)]);
      const r = g.emit("Reciprocal", [deviation]);
      return [
        // x̄ = ȳ·(γ·r)
        () => g.mul(dy, perChannel(g, g.mul(scale, r), x)),
        () => {
          // γ̄ = r·Σ ȳ·(x − μ)
          const product = g.mul(dy, g.sub(x, perChannel(g, mean, x)));
          return g.mul(r, sumPerChannel(g, product));
        },
        // β̄ = Σ ȳ
        () => sumPerChannel(g, dy),
        // μ̄ = −γ·r·Σ ȳ
        () => g.emit("Neg", [g.mul(g.mul(scale, r), sumPerChannel(g, dy))]),
        () => {
          // v̄ = −½·γ·r³·Σ ȳ·(x − μ)
          const product = g.mul(dy, g.sub(x, perChannel(g, mean, x)));
          const cube = g.mul(r, g.mul(r, r));
          const slope = g.mul(g.mul(scale, cube), g.scalar(-0.5, cube));
          return g.mul(slope, sumPerChannel(g, product));
        },
      ];
    },
  },
};
