/**
 * Rules of normalisations whose statistics are given. Those that measure their own are lowered to
 * `Normalize`.
 *
 * @module
 */
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import { perChannel } from "../per_channel.ts";
import type { RuleTable } from "../rule.ts";

/** Sums over all axes but the channels'. */
function sumPerChannel(g: OpBuilder, x: Value): Value {
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return g.reshape(g.reduce("ReduceSum", x, others), [x.shape[1]]);
}

/** Normalisations with given statistics. */
export const normalise: RuleTable = {
  // y = γ·(x − μ)·r + β with r = 1/√(v + ε)
  BatchNormalization: {
    inputs: ["X", "scale", "B"],
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
      ];
    },
  },
};
