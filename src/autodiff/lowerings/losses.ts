/**
 * Losses of classifications.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";
import { perChannel } from "../rules/common.ts";

/**
 * −Σ w·p over the classes, with p the input's log-probability of the target and w its class's weight.
 *
 * @param x Log-probabilities [N, C, …].
 */
function negativeLogLikelihood(g: OpBuilder, node: NodeView, x: Value): Value {
  const [target, weights] = [node.input(1), node.inputs[2]];
  const [n, classes, ...rest] = x.shape;
  const labels = g.reshape(target, [n, 1, ...rest]);
  const numbers = g.constant(target.dtype, [classes, ...rest.map(() => 1)], [
    ...Array(classes).keys(),
  ]);
  let chosen = g.cast(g.emit("Equal", [labels, numbers]), x.dtype);
  if (node.has("ignore_index")) {
    const ignored = g.scalar(node.int("ignore_index", 0), labels);
    const kept = g.emit("Not", [g.emit("Equal", [labels, ignored])]);
    chosen = g.mul(chosen, g.cast(kept, x.dtype));
  }
  const weighted = weights ? g.mul(chosen, perChannel(g, weights, x)) : chosen;
  const losses = g.emit("Neg", [
    g.reshape(g.reduce("ReduceSum", g.mul(x, weighted), [1]), [n, ...rest]),
  ]);
  const reduction = node.string("reduction", "mean");
  if (reduction === "none") return losses;
  const axes = (value: Value) => value.shape.map((_, axis) => axis);
  const sum = g.reshape(g.reduce("ReduceSum", losses, axes(losses)), []);
  if (reduction === "sum") return sum;
  if (reduction !== "mean") {
    throw new UserError(
      `Cannot differentiate ${node.label}: its reduction is "${reduction}"`,
      "supported are none, sum and mean",
    );
  }
  // The mean is over the weights of the targets.
  return g.div(sum, g.reshape(g.reduce("ReduceSum", weighted, axes(weighted)), []));
}

const attributes = ["ignore_index", "reduction"];

/** Losses. */
export const losses: LoweringTable = {
  NegativeLogLikelihoodLoss: {
    inputs: ["input", "weight"],
    attributes,
    lower: (g, node) => negativeLogLikelihood(g, node, node.input(0)),
  },

  SoftmaxCrossEntropyLoss: {
    inputs: ["scores", "weights"],
    attributes,
    notes: "Through the first output alone",
    lower: (g, node) => {
      const logs = g.emit("LogSoftmax", [node.input(0)], { axis: 1 });
      return negativeLogLikelihood(g, node, logs);
    },
  },
};
