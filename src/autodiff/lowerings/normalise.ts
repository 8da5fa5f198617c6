/**
 * Normalisations that measure their own statistics: `y = γ·x̂ + β`, with x̂ from `Normalize`.
 *
 * @module
 */
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { fromFront, sizeOf, type Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";
import { alongAxis, perChannel } from "../rules/common.ts";
import { normalize } from "../rules/normalize.ts";

/**
 * γ·x̂ + β without factors of 1 and terms of 0: exporters write a group normalisation as an instance
 * normalisation with ones and zeros, and scale its result.
 *
 * @param shape Brings γ and β to a shape that broadcasts with x̂.
 */
function affine(
  g: OpBuilder,
  xHat: Value,
  gamma: Value,
  beta: Value | undefined,
  shape: (vector: Value) => Value = (vector) => vector,
): Value {
  const all = (value: Value, number: number) =>
    g.constantValues(value)?.every((entry) => entry === number) ?? false;
  const scaled = all(gamma, 1) ? xHat : g.mul(xHat, shape(gamma));
  return !beta || all(beta, 0) ? scaled : g.add(scaled, shape(beta));
}

/** The axes of x from one on. */
const axesFrom = (first: number, x: Value) => x.shape.map((_, axis) => axis).slice(first);

/** Normalisations. */
export const normalise: LoweringTable = {
  // μ and v over the spatial axes of each channel
  InstanceNormalization: {
    inputs: ["input", "scale", "B"],
    attributes: ["epsilon"],
    lower: (g, node) => {
      const [x, scale, bias] = [node.input(0), node.input(1), node.input(2)];
      const xHat = normalize(g, x, axesFrom(2, x), node.float("epsilon", 1e-5));
      return affine(g, xHat, scale, bias, (vector) => perChannel(g, vector, x));
    },
  },

  // μ and v over the channels of a group and the spatial axes
  GroupNormalization: {
    inputs: ["X", "scale", "bias"],
    attributes: ["epsilon", "num_groups", "stash_type"],
    lower: (g, node) => {
      const [x, scale, bias] = [node.input(0), node.input(1), node.input(2)];
      const [n, channels] = x.shape;
      const groups = node.int("num_groups", 1);
      const grouped = g.reshape(x, [n, groups, sizeOf(x.shape) / (n * groups)]);
      const xHat = normalize(g, grouped, [2], node.float("epsilon", 1e-5));
      // Before operator set 21 scale and bias have one entry per group.
      const perGroup = node.opset < 21;
      return affine(g, g.reshape(xHat, x.shape), scale, bias, (vector) => {
        if (!perGroup) return perChannel(g, vector, x);
        const repeated = g.expand(g.reshape(vector, [groups, 1]), [groups, channels / groups]);
        return perChannel(g, g.reshape(repeated, [channels]), x);
      });
    },
  },

  // μ and v over the axes from `axis` on; γ and β broadcast over the others
  LayerNormalization: {
    inputs: ["X", "Scale", "B"],
    attributes: ["axis", "epsilon", "stash_type"],
    notes: "Through the first output alone",
    lower: (g, node) => {
      const x = node.input(0);
      const axes = axesFrom(fromFront(node.int("axis", -1), x.shape.length), x);
      const xHat = normalize(g, x, axes, node.float("epsilon", 1e-5));
      return affine(g, xHat, node.input(1), node.inputs[2]);
    },
  },

  // y = γ·x / √(mean x² + ε) over the axes from `axis` on; statistics are float32
  RMSNormalization: {
    inputs: ["X", "scale"],
    attributes: ["axis", "epsilon", "stash_type"],
    lower: (g, node) => {
      const x = node.input(0);
      const axes = axesFrom(fromFront(node.int("axis", -1), x.shape.length), x);
      const exact = g.cast(x, x.dtype === "float16" ? "float32" : x.dtype);
      const count = sizeOf(axes.map((axis) => x.shape[axis]));
      const power = g.mul(g.reduce("ReduceSumSquare", exact, axes), g.scalar(1 / count, exact));
      const epsilon = g.scalar(node.float("epsilon", 1e-5), power);
      const r = g.emit("Reciprocal", [g.emit("Sqrt", [g.add(power, epsilon)])]);
      return g.mul(g.cast(g.mul(exact, r), x.dtype), g.cast(node.input(1), x.dtype));
    },
  },

  // y = x / (Σ|x|^p)^(1/p) along an axis; 0 where that is 0
  LpNormalization: {
    inputs: ["input"],
    attributes: ["axis", "p"],
    lower: (g, node) => {
      const x = node.input(0);
      const axes = [fromFront(node.int("axis", -1), x.shape.length)];
      const norm = node.int("p", 2) === 1
        ? g.reduce("ReduceSum", g.emit("Abs", [x]), axes)
        : g.emit("Sqrt", [g.reduce("ReduceSumSquare", x, axes)]);
      const none = g.emit("Equal", [norm, g.scalar(0, norm)]);
      return g.div(x, g.emit("Where", [none, g.scalar(1, norm), norm]));
    },
  },

  // y = x / (k + α/n · Σ x²)^β over the n channels around each
  LRN: {
    inputs: ["X"],
    attributes: ["alpha", "beta", "bias", "size"],
    lower: (g, node) => {
      const x = node.input(0);
      const [channels, size] = [x.shape[1], node.int("size", 1)];
      const scale = node.float("alpha", 1e-4) / size;
      const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
      const band = Array.from({ length: channels ** 2 }, (_, i) => {
        const ahead = i % channels - Math.floor(i / channels);
        return -before <= ahead && ahead <= after ? scale : 0;
      });
      const matrix = g.constant(x.dtype, [channels, channels], band);
      const sum = alongAxis(g, matrix, g.mul(x, x), 1);
      const power = g.scalar(-node.float("beta", 0.75), x);
      return g.mul(x, g.emit("Pow", [g.add(sum, g.scalar(node.float("bias", 1), x)), power]));
    },
  },

  // μ and v over the batch and the spatial axes, in training. In inference they are given, and the
  // operator has a rule.
  BatchNormalization: {
    inputs: ["X", "scale", "B"],
    attributes: ["epsilon", "momentum", "training_mode"],
    notes: "With training_mode = 1 through the batch statistics, first output alone",
    lower: (g, node) => {
      if (node.int("training_mode", 0) === 0) return undefined;
      const [x, scale, bias] = [node.input(0), node.input(1), node.input(2)];
      const xHat = normalize(g, x, [0, ...axesFrom(2, x)], node.float("epsilon", 1e-5));
      return affine(g, xHat, scale, bias, (vector) => perChannel(g, vector, x));
    },
  },
};
