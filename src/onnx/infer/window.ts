/**
 * Shapes of convolutions and pooling, which slide a window over the spatial axes, and of resizing.
 *
 * @module
 */
import type { NodeView } from "../node_view.ts";
import { fromFront, sizeOf, type TensorType } from "../value.ts";
import { type InferTable, shared } from "./rule.ts";

/** A sliding window's geometry; every list has one entry per spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before each axis. */
  readonly begin: readonly number[];
  /** Padding after each axis. */
  readonly end: readonly number[];
}

/** Extent of a kernel with gaps: `(k − 1)·dilation + 1`. */
export function extent(window: Window, axis: number): number {
  return (window.kernel[axis] - 1) * window.dilations[axis] + 1;
}

/**
 * The window of a convolution or pooling node, with `auto_pad` resolved.
 *
 * @param spatial Spatial sizes of the tensor the window slides over.
 * @param kernel Spatial sizes of the kernel.
 */
export function windowOf(
  node: NodeView,
  spatial: readonly number[],
  kernel: readonly number[],
): Window {
  const rank = spatial.length;
  const ones = new Array<number>(rank).fill(1);
  const strides = node.ints("strides") ?? ones;
  const dilations = node.ints("dilations") ?? ones;
  const pads = node.ints("pads") ?? new Array<number>(2 * rank).fill(0);
  const window = {
    kernel,
    strides,
    dilations,
    begin: pads.slice(0, rank),
    end: pads.slice(rank),
  };
  const auto = node.string("auto_pad", "NOTSET");
  if (auto === "VALID") return { ...window, begin: ones.map(() => 0), end: ones.map(() => 0) };
  if (auto === "NOTSET") return window;
  // SAME: the output has ⌈size / stride⌉ elements; the odd element goes to the end that is named.
  const total = spatial.map((size, axis) => {
    const steps = Math.ceil(size / strides[axis]) - 1;
    return Math.max(0, steps * strides[axis] + extent(window, axis) - size);
  });
  const less = total.map((pad) => Math.floor(pad / 2));
  const more = total.map((pad) => Math.ceil(pad / 2));
  return auto === "SAME_LOWER"
    ? { ...window, begin: more, end: less }
    : { ...window, begin: less, end: more };
}

/**
 * The number of windows along each axis.
 */
export function windowCounts(
  window: Window,
  spatial: readonly number[],
  ceilMode = false,
): number[] {
  return spatial.map((size, axis) => {
    const padded = size + window.begin[axis] + window.end[axis];
    const steps = (padded - extent(window, axis)) / window.strides[axis];
    if (!ceilMode) return Math.floor(steps) + 1;
    // A window that would start in the padding after the last element does not count.
    const count = Math.ceil(steps) + 1;
    return (count - 1) * window.strides[axis] >= size + window.begin[axis] ? count - 1 : count;
  });
}

function pool(node: NodeView): TensorType[] {
  const { dtype, shape: [n, c, ...spatial] } = node.input(0);
  const window = windowOf(node, spatial, node.ints("kernel_shape") ?? []);
  const shape = [n, c, ...windowCounts(window, spatial, node.int("ceil_mode", 0) === 1)];
  return [{ dtype, shape }, { dtype: "int64", shape }];
}

/** The window of a transposed convolution, with `auto_pad` and `output_shape` resolved. */
export function transposedWindow(
  node: NodeView,
): Window & { readonly output: readonly number[] } {
  const [, , ...spatial] = node.input(0).shape;
  const [, , ...kernel] = node.input(1).shape;
  const window = windowOf(node, spatial, kernel);
  const extra = node.ints("output_padding") ?? spatial.map(() => 0);
  const full = spatial.map((size, axis) =>
    (size - 1) * window.strides[axis] + extra[axis] + extent(window, axis)
  );
  const auto = node.string("auto_pad", "NOTSET");
  const same = auto.startsWith("SAME");
  const given = node.ints("output_shape") ??
    (same ? spatial.map((size, axis) => size * window.strides[axis]) : undefined);
  if (!given) {
    const output = full.map((size, axis) => size - window.begin[axis] - window.end[axis]);
    return { ...window, output };
  }
  const total = full.map((size, axis) => Math.max(0, size - given[axis]));
  const half = total.map((pad) => Math.floor(pad / 2));
  const rest = total.map((pad, axis) => pad - half[axis]);
  // The odd element goes to the front, but for SAME_UPPER.
  return auto === "SAME_UPPER"
    ? { ...window, begin: half, end: rest, output: given }
    : { ...window, begin: rest, end: half, output: given };
}

/** An axis that is resized: its scale, in float32 as runtimes have it, and its size afterwards. */
export interface ResizedAxis {
  readonly axis: number;
  readonly scale: number;
  readonly size: number;
}

/** The axes of a Resize node; `undefined` where they depend on data. */
export function resizedAxes(node: NodeView): ResizedAxis[] | undefined {
  const { shape } = node.input(0);
  const axes = (node.ints("axes") ?? shape.map((_, axis) => axis))
    .map((axis) => fromFront(axis, shape.length));
  const scales = node.constant(2);
  const sizes = node.constant(3);
  if (scales?.length) {
    // A crop is resized, not the whole.
    if (node.string("coordinate_transformation_mode", "") === "tf_crop_and_resize") {
      return undefined;
    }
    // 3 · 1.6666666 makes 5.
    return axes.map((axis, i) => ({
      axis,
      scale: scales[i],
      size: Math.floor(Math.fround(shape[axis] * scales[i])),
    }));
  }
  if (!sizes) return undefined;
  const own = axes.map((axis, i) => Math.fround(sizes[i] / shape[axis]));
  const policy = node.string("keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch") {
    return axes.map((axis, i) => ({ axis, scale: own[i], size: sizes[i] }));
  }
  const scale = policy === "not_larger" ? Math.min(...own) : Math.max(...own);
  return axes.map((axis) => ({ axis, scale, size: Math.floor(scale * shape[axis] + 0.5) }));
}

/** Convolutions, pooling and resizing. */
export const window: InferTable = {
  Conv: (node) => {
    const { dtype, shape: [n, , ...spatial] } = node.input(0);
    const [channels, , ...kernel] = node.input(1).shape;
    const counts = windowCounts(windowOf(node, spatial, kernel), spatial);
    return [{ dtype, shape: [n, channels, ...counts] }];
  },

  ConvTranspose: (node) => {
    const { dtype, shape: [n] } = node.input(0);
    const channels = node.input(1).shape[1] * node.int("group", 1);
    return [{ dtype, shape: [n, channels, ...transposedWindow(node).output] }];
  },

  ...shared(["MaxPool", "AveragePool", "LpPool"], pool),

  ...shared(["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"], (node) => {
    const { dtype, shape: [n, c, ...spatial] } = node.input(0);
    return [{ dtype, shape: [n, c, ...spatial.map(() => 1)] }];
  }),

  Col2Im: (node) => {
    const { dtype, shape: [n, stacked] } = node.input(0);
    const [image, block] = [node.parameter("image_shape", 1), node.parameter("block_shape", 2)];
    if (!image || !block) return [undefined];
    return [{ dtype, shape: [n, stacked / sizeOf(block), ...image] }];
  },

  GridSample: (node) => {
    const { dtype, shape: [n, c] } = node.input(0);
    return [{ dtype, shape: [n, c, ...node.input(1).shape.slice(1, -1)] }];
  },

  AffineGrid: (node) => {
    const size = node.parameter("size", 1);
    if (!size) return [undefined];
    const [n, , ...spatial] = size;
    return [{ dtype: node.input(0).dtype, shape: [n, ...spatial, spatial.length] }];
  },

  Resize: (node) => {
    const { dtype, shape } = node.input(0);
    const axes = resizedAxes(node);
    const result = [...shape];
    for (const { axis, size } of axes ?? []) result[axis] = size;
    return [axes && { dtype, shape: result }];
  },
};
