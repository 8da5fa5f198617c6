/**
 * Taking a tensor apart into its windows, and its adjoint: the two halves of every convolution and pooling.
 *
 * @module
 */
import { extent, type Window } from "../onnx/infer/window.ts";
import type { OpBuilder } from "../onnx/op_builder.ts";
import { sizeOf, type Value } from "../onnx/value.ts";

/**
 * Elements to add before and after each axis (negative: to take away) so that the windows fit exactly; batch and
 * channel axes included.
 */
export function fitting(
  window: Window,
  spatial: readonly number[],
  counts: readonly number[],
): { before: number[]; after: number[] } {
  const after = spatial.map((size, axis) =>
    (counts[axis] - 1) * window.strides[axis] + extent(window, axis) - size - window.begin[axis]
  );
  return { before: [0, 0, ...window.begin], after: [0, 0, ...after] };
}

/** Weights that copy each element of a channel's window to a channel of its own. */
function copies(g: OpBuilder, like: Value, channels: number, kernel: readonly number[]): Value {
  const k = sizeOf(kernel);
  const values = new Float32Array(channels * k * k);
  for (let i = 0; i < channels * k; i++) values[i * k + i % k] = 1;
  return g.constant(like.dtype, [channels * k, 1, ...kernel], values);
}

/**
 * The windows of x: [N, C, …spatial] → [N, C·K, …counts] for K elements a window.
 *
 * @param fill What stands in the padding.
 */
export function unfold(
  g: OpBuilder,
  x: Value,
  window: Window,
  counts: readonly number[],
  fill = 0,
): Value {
  const [, channels, ...spatial] = x.shape;
  const { before, after } = fitting(window, spatial, counts);
  const { kernel, strides, dilations } = window;
  const padded = g.pad(x, before, after, fill);
  if (sizeOf(kernel) === 1 && sizeOf(strides) === 1) return padded;
  const weights = copies(g, x, channels, kernel);
  return g.emit("Conv", [padded, weights], {
    group: channels,
    kernel_shape: kernel,
    strides,
    dilations,
  });
}

/**
 * The adjoint of {@linkcode unfold}: adds every window's elements back in their places.
 *
 * @param spatial Spatial sizes of the result.
 */
export function refold(
  g: OpBuilder,
  windows: Value,
  window: Window,
  spatial: readonly number[],
): Value {
  const { kernel, strides, dilations } = window;
  const [, stacked, ...counts] = windows.shape;
  const channels = stacked / sizeOf(kernel);
  const weights = copies(g, windows, channels, kernel);
  const attributes = { group: channels, kernel_shape: kernel, strides, dilations };
  const sum = g.emit("ConvTranspose", [windows, weights], attributes);
  const { before, after } = fitting(window, spatial, counts);
  return g.pad(sum, before.map((amount) => -amount), after.map((amount) => -amount));
}
