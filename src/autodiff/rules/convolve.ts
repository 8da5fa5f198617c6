/**
 * Rules of convolutions.
 *
 * @module
 */
import { extent, type Window, windowOf } from "../../onnx/infer/window.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { RuleTable } from "../rule.ts";

/** Attributes of a convolution with the given padding. */
function attributes(
  window: Window,
  group: number,
  begin: readonly number[],
  end: readonly number[],
) {
  const { kernel, strides, dilations } = window;
  return { kernel_shape: kernel, strides, dilations, group, pads: [...begin, ...end] };
}

/** The weights of a convolution that goes the other way: channels swapped, kernel flipped. */
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

/** The adjoint of a convolution with respect to its data. */
function dataAdjoint(g: OpBuilder, node: NodeView, x: Value, weights: Value, dy: Value): Value {
  const [, , ...spatial] = x.shape;
  const [, , ...kernel] = weights.shape;
  const window = windowOf(node, spatial, kernel);
  const group = node.int("group", 1);
  const axes = spatial.map((_, axis) => axis);
  // Elements at the end that no window reaches.
  const rest = axes.map((axis) =>
    spatial[axis] + window.begin[axis] + window.end[axis] - extent(window, axis) -
    (dy.shape[axis + 2] - 1) * window.strides[axis]
  );
  const begin = axes.map((axis) => extent(window, axis) - 1 - window.begin[axis]);
  const end = axes.map((axis) => extent(window, axis) - 1 - window.end[axis] + rest[axis]);
  if (
    window.strides.every((stride) => stride === 1) &&
    [...begin, ...end].every((pad) => pad >= 0)
  ) {
    // x̄ = ȳ ∗ flipped W, with the padding complemented
    return g.emit("Conv", [dy, flipped(g, weights, group)], attributes(window, group, begin, end));
  }
  // x̄ = ȳ ∗ᵀ W, cropped to x
  const full = g.emit(
    "ConvTranspose",
    [dy, weights],
    attributes(window, group, axes.map(() => 0), axes.map(() => 0)),
  );
  return g.pad(
    full,
    [0, 0, ...window.begin.map((pad) => -pad)],
    [0, 0, ...axes.map((axis) => rest[axis] - window.end[axis])],
  );
}

/** Convolutions. */
export const convolve: RuleTable = {
  Conv: {
    inputs: ["X", "B"],
    adjoint: ({ g, node, x: [x, w, b], dy }) => [
      () => dataAdjoint(g, node, x, w, dy),
      undefined,
      // b̄ = Σ ȳ over the batch and space
      () =>
        g.reshape(
          g.reduce(
            "ReduceSum",
            dy,
            [0, ...dy.shape.keys()].slice(0).filter((a, i) => i === 0 || a > 1),
          ),
          b.shape,
        ),
    ],
  },
};
