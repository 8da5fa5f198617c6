/**
 * Takes a tensor apart into its windows, and the adjoint: convolutions and pooling consist of these.
 *
 * @module
 */
import { extent, type Window } from "../onnx/infer/window.ts";
import type { OpBuilder } from "../onnx/op_builder.ts";
import { sizeOf, type Value } from "../onnx/value.ts";

/**
 * The number of elements to add before and after each axis so that the windows fit exactly; negative
 * numbers take elements away. Batch and channel axes are included.
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

/** Weights [K, 1, …kernel] that copy each of a window's K elements to a channel of its own. */
function copies(g: OpBuilder, like: Value, kernel: readonly number[]): Value {
  const k = sizeOf(kernel);
  const values = Array.from({ length: k * k }, (_, i) => i % k === Math.floor(i / k) ? 1 : 0);
  return g.constant(like.dtype, [k, 1, ...kernel], values);
}

/**
 * The windows of x: [N, C, …spatial] → [N, C·K, …counts] for K elements per window.
 *
 * @param fill The value of the padding.
 */
export function unfold(
  g: OpBuilder,
  x: Value,
  window: Window,
  counts: readonly number[],
  fill = 0,
): Value {
  const [batch, channels, ...spatial] = x.shape;
  const { before, after } = fitting(window, spatial, counts);
  const { kernel, strides, dilations } = window;
  const padded = g.pad(x, before, after, fill);
  if (sizeOf(kernel) === 1 && sizeOf(strides) === 1) return padded;
  // Channels join the batch, since not every runtime computes a convolution in groups correctly.
  const planes = g.reshape(padded, [batch * channels, 1, ...padded.shape.slice(2)]);
  const attributes = { kernel_shape: kernel, strides, dilations };
  const windows = g.emit("Conv", [planes, copies(g, x, kernel)], attributes);
  return g.reshape(windows, [batch, channels * sizeOf(kernel), ...counts]);
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
  const [batch, stacked, ...counts] = windows.shape;
  const [k, channels] = [sizeOf(kernel), stacked / sizeOf(kernel)];
  const planes = g.reshape(windows, [batch * channels, k, ...counts]);
  const attributes = { kernel_shape: kernel, strides, dilations };
  const sum = g.emit("ConvTranspose", [planes, copies(g, windows, kernel)], attributes);
  const { before, after } = fitting(window, spatial, counts);
  const cropped = g.pad(sum, before.map((amount) => -amount), after.map((amount) => -amount));
  return g.reshape(cropped, [batch, channels, ...spatial]);
}
