/**
 * Rules of convolutions.
 *
 * @module
 */
import { extent, transposedWindow, type Window, windowOf } from "../../onnx/infer/window.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { sizeOf, type Value } from "../../onnx/value.ts";
import type { RuleTable } from "../rule.ts";
import { fitting, refold, unfold } from "../window_ops.ts";

/** A convolution between a large and a small tensor, in either direction. */
interface Convolution {
  readonly window: Window;
  readonly group: number;
}

/** The weights of the convolution in the other direction: channels swapped, kernel flipped. */
function flipped(g: OpBuilder, weights: Value, group: number): Value {
  const [outputs, inputs, ...kernel] = weights.shape;
  const axes = kernel.map((_, axis) => axis);
  // [g·o, i, …] → [g, o, i, …] → [g, i, o, …] → [g·i, o, …]
  const grouped = g.reshape(weights, [group, outputs / group, inputs, ...kernel]);
  const swapped = g.transpose(grouped, [0, 2, 1, ...axes.map((axis) => axis + 3)]);
  const result = g.reshape(swapped, [group * inputs, outputs / group, ...kernel]);
  return axes.reduce(
    (w, axis) => kernel[axis] === 1 ? w : g.slice(w, axis + 2, -1, -kernel[axis] - 1, -1),
    result,
  );
}

/** The adjoint of `small = large ∗ W` with respect to the large tensor. */
function largeAdjoint(
  g: OpBuilder,
  { window, group }: Convolution,
  spatial: readonly number[],
  weights: Value,
  dy: Value,
): Value {
  const { kernel, strides, dilations } = window;
  const attributes = { kernel_shape: kernel, dilations };
  const { before, after } = fitting(window, spatial, dy.shape.slice(2));
  const margin = (pads: number[]) => pads.slice(2).map((pad, i) => extent(window, i) - 1 - pad);
  const pads = [...margin(before), ...margin(after)];
  // x̄ = ȳ ∗ flipped W, with the padding complemented: cheaper than a transposed convolution
  if (sizeOf(strides) === 1 && pads.every((pad) => pad >= 0)) {
    return g.emit("Conv", [dy, flipped(g, weights, group)], { ...attributes, group, pads });
  }
  if (group > 1) return groupedLargeAdjoint(g, { window, group }, spatial, weights, dy);
  // x̄ = ȳ ∗ᵀ W, cropped to x
  const crop = [...before.slice(2), ...after.slice(2)];
  if (crop.every((pad) => pad >= 0)) {
    return g.emit("ConvTranspose", [dy, weights], { ...attributes, strides, pads: crop });
  }
  const full = g.emit("ConvTranspose", [dy, weights], { ...attributes, strides });
  return g.pad(full, before.map((pad) => -pad), after.map((pad) => -pad));
}

/**
 * The same for several groups, without a transposed convolution in groups: runtimes compute that
 * wrongly.
 */
function groupedLargeAdjoint(
  g: OpBuilder,
  { window, group }: Convolution,
  spatial: readonly number[],
  weights: Value,
  dy: Value,
): Value {
  const [batch, outputs, ...counts] = dy.shape;
  const perGroup = outputs / group;
  const filters = g.reshape(weights, [group, perGroup, sizeOf(weights.shape) / outputs]);
  const cotangent = g.reshape(dy, [batch, group, perGroup, sizeOf(counts)]);
  // windows(x)'s cotangent = Wᵀ·ȳ, for each group
  const windows = g.matMul(g.transposeMatrix(filters), cotangent);
  const stacked = group * filters.shape[2];
  return refold(g, g.reshape(windows, [batch, stacked, ...counts]), window, spatial);
}

/** The adjoint of `small = large ∗ W` with respect to the weights W [g·o, i, …kernel]. */
function weightsAdjoint(
  g: OpBuilder,
  { window, group }: Convolution,
  large: Value,
  small: Value,
  weights: Value,
): Value {
  const [batch, outputs, ...counts] = small.shape;
  const matrices = (x: Value) => {
    const [, channels] = x.shape;
    return g.reshape(x, [batch, group, channels / group, sizeOf(counts)]);
  };
  // W̄ = Σ ȳ·windows(x)ᵀ over the batch, for each group
  const windows = matrices(unfold(g, large, window, counts));
  const product = g.matMul(matrices(small), g.transposeMatrix(windows));
  return g.reshape(g.reduce("ReduceSum", product, [0]), [outputs, ...weights.shape.slice(1)]);
}

/** b̄ = Σ ȳ over the batch and space */
function biasAdjoint(g: OpBuilder, dy: Value): Value {
  const axes = dy.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return g.reshape(g.reduce("ReduceSum", dy, axes), [dy.shape[1]]);
}

/** Convolutions. */
export const convolve: RuleTable = {
  // y = x ∗ W + b
  Conv: {
    inputs: ["X", "W", "B"],
    attributes: ["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"],
    adjoint: ({ g, node, x: [x, weights], dy }) => {
      const [, , ...spatial] = x.shape;
      const window = windowOf(node, spatial, weights.shape.slice(2));
      const convolution = { window, group: node.int("group", 1) };
      return [
        () => largeAdjoint(g, convolution, spatial, weights, dy),
        () => weightsAdjoint(g, convolution, x, dy, weights),
        () => biasAdjoint(g, dy),
      ];
    },
  },

  // y = x ∗ᵀ W + b: a convolution read backwards, from y to x
  ConvTranspose: {
    inputs: ["X", "W", "B"],
    attributes: [
      "auto_pad",
      "dilations",
      "group",
      "kernel_shape",
      "pads",
      "strides",
      "output_padding",
      "output_shape",
    ],
    adjoint: ({ g, node, x: [x, weights], dy }) => {
      const window = transposedWindow(node);
      const group = node.int("group", 1);
      const { before, after } = fitting(window, dy.shape.slice(2), x.shape.slice(2));
      const { kernel, strides, dilations } = window;
      return [
        // x̄ = ȳ ∗ W
        () =>
          g.emit("Conv", [g.pad(dy, before, after), weights], {
            ...{ kernel_shape: kernel, strides, dilations, group },
          }),
        () => weightsAdjoint(g, { window, group }, dy, x, weights),
        () => biasAdjoint(g, dy),
      ];
    },
  },
};
