/**
 * Shapes of normalisations.
 *
 * @module
 */
import { fromFront } from "../value.ts";
import { likeInput } from "./elementwise.ts";
import { type InferTable, shared } from "./rule.ts";

/** Normalisations: the output is like the input; some also give their statistics. */
export const normalise: InferTable = {
  ...shared(
    [
      ...["InstanceNormalization", "GroupNormalization", "LpNormalization", "RMSNormalization"],
      ...["MeanVarianceNormalization", "LRN"],
    ],
    likeInput,
  ),

  BatchNormalization: (node) => {
    const { dtype, shape } = node.input(0);
    const { dtype: statistics, shape: [channels] } = node.input(3);
    const perChannel = { dtype: statistics, shape: [channels] };
    return [{ dtype, shape }, perChannel, perChannel];
  },

  LayerNormalization: (node) => {
    const { dtype, shape } = node.input(0);
    const axis = fromFront(node.int("axis", -1), shape.length);
    const statistics = shape.map((size, i) => i < axis ? size : 1);
    return [{ dtype, shape }, { dtype: "float32", shape: statistics }, {
      dtype: "float32",
      shape: statistics,
    }];
  },
};
