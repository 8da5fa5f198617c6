/**
 * Shapes of operators that move elements: reshapes, transposes, slices, pads, joins and splits.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import type { NodeView } from "../node_view.ts";
import { broadcastShapes, fromFront, sizeOf } from "../value.ts";
import type { InferTable } from "./rule.ts";

/** A parameter that decides the result's shape. @throws {UserError} It is missing. */
function required(node: NodeView, name: string, index: number): number[] {
  const values = node.parameter(name, index);
  if (!values) {
    throw new UserError(
      `Cannot use ${node.label}: its ${name} ${name.endsWith("s") ? "are" : "is"} missing`,
      "check that the model was downloaded whole",
    );
  }
  return values;
}

/** The start, step and size of a slice along each axis, clamped as ONNX does. */
export function sliceRanges(node: NodeView): { start: number; step: number; size: number }[] {
  const { shape } = node.input(0);
  const [starts, ends] = [required(node, "starts", 1), required(node, "ends", 2)];
  const axes = node.parameter("axes", 3) ?? starts.map((_, i) => i);
  const steps = node.parameter("steps", 4) ?? starts.map(() => 1);
  const ranges = shape.map((size) => ({ start: 0, step: 1, size }));
  axes.forEach((from, i) => {
    const axis = fromFront(from, shape.length);
    const length = shape[axis];
    const step = steps[i];
    const clamp = (index: number, low: number, high: number) =>
      Math.min(high, Math.max(low, fromFront(index, length)));
    const start = step > 0 ? clamp(starts[i], 0, length) : clamp(starts[i], 0, length - 1);
    const end = step > 0 ? clamp(ends[i], 0, length) : clamp(ends[i], -1, length - 1);
    ranges[axis] = { start, step, size: Math.max(0, Math.ceil((end - start) / step)) };
  });
  return ranges;
}

/** Elements added before and after each axis (taken away where negative). */
export function padAmounts(node: NodeView): { before: number; after: number }[] {
  const rank = node.input(0).shape.length;
  const pads = required(node, "pads", 1);
  const axes = node.parameter("axes", 3) ?? Array.from({ length: rank }, (_, i) => i);
  const amounts = Array.from({ length: rank }, () => ({ before: 0, after: 0 }));
  axes.forEach((from, i) => {
    amounts[fromFront(from, rank)] = { before: pads[i], after: pads[i + axes.length] };
  });
  return amounts;
}

/** Sizes of a split's parts along its axis. */
export function splitSizes(node: NodeView): number[] {
  const { shape } = node.input(0);
  const given = node.parameter("split", 1);
  if (given) return given;
  const length = shape[fromFront(node.int("axis", 0), shape.length)];
  const parts = node.int("num_outputs", node.proto.output.length);
  const size = Math.ceil(length / parts);
  return Array.from({ length: parts }, (_, i) => Math.min(size, length - i * size));
}

/** Operators that move elements. */
export const shape: InferTable = {
  Reshape: (node) => {
    const { dtype, shape } = node.input(0);
    const wanted = required(node, "shape", 1);
    const keepZero = node.int("allowzero", 0) === 1;
    const result = wanted.map((size, axis) => size === 0 && !keepZero ? shape[axis] : size);
    const free = result.indexOf(-1);
    if (free >= 0) result[free] = sizeOf(shape) / -sizeOf(result);
    return [{ dtype, shape: result }];
  },

  Flatten: (node) => {
    const { dtype, shape } = node.input(0);
    const axis = fromFront(node.int("axis", 1), shape.length);
    return [{ dtype, shape: [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))] }];
  },

  Squeeze: (node) => {
    const { dtype, shape } = node.input(0);
    const axes = node.parameter("axes", 1)?.map((axis) => fromFront(axis, shape.length));
    return [{
      dtype,
      shape: shape.filter((size, axis) => axes ? !axes.includes(axis) : size !== 1),
    }];
  },

  Unsqueeze: (node) => {
    const { dtype, shape } = node.input(0);
    const axes = required(node, "axes", 1);
    const rank = shape.length + axes.length;
    const added = new Set(axes.map((axis) => fromFront(axis, rank)));
    const rest = shape.values();
    return [{
      dtype,
      shape: Array.from({ length: rank }, (_, i) => added.has(i) ? 1 : rest.next().value!),
    }];
  },

  Transpose: (node) => {
    const { dtype, shape } = node.input(0);
    const perm = node.ints("perm") ?? shape.map((_, axis) => shape.length - 1 - axis);
    return [{ dtype, shape: perm.map((axis) => shape[axis]) }];
  },

  Expand: (node) => {
    const { dtype, shape } = node.input(0);
    return [{ dtype, shape: broadcastShapes(shape, required(node, "shape", 1)) }];
  },

  Tile: (node) => {
    const { dtype, shape } = node.input(0);
    const repeats = required(node, "repeats", 1);
    return [{ dtype, shape: shape.map((size, axis) => size * repeats[axis]) }];
  },

  Concat: (node) => {
    const { dtype, shape } = node.input(0);
    const axis = fromFront(node.int("axis", 0), shape.length);
    const total = node.proto.input.reduce((sum, _, i) => sum + node.input(i).shape[axis], 0);
    return [{ dtype, shape: shape.with(axis, total) }];
  },

  Split: (node) => {
    const { dtype, shape } = node.input(0);
    const axis = fromFront(node.int("axis", 0), shape.length);
    return splitSizes(node).map((size) => ({ dtype, shape: shape.with(axis, size) }));
  },

  Slice: (node) => [{
    dtype: node.input(0).dtype,
    shape: sliceRanges(node).map(({ size }) => size),
  }],

  Pad: (node) => {
    const { dtype, shape } = node.input(0);
    const amounts = padAmounts(node);
    return [{
      dtype,
      shape: shape.map((size, axis) => amounts[axis].before + size + amounts[axis].after),
    }];
  },

  CenterCropPad: (node) => {
    const { dtype, shape } = node.input(0);
    const axes = node.ints("axes") ?? shape.map((_, axis) => axis);
    const sizes = required(node, "shape", 1);
    const result = [...shape];
    axes.forEach((axis, i) => result[fromFront(axis, shape.length)] = sizes[i]);
    return [{ dtype, shape: result }];
  },

  DepthToSpace: (node) => {
    const { dtype, shape: [n, c, h, w] } = node.input(0);
    const block = node.int("blocksize", 1);
    return [{ dtype, shape: [n, c / block ** 2, h * block, w * block] }];
  },

  SpaceToDepth: (node) => {
    const { dtype, shape: [n, c, h, w] } = node.input(0);
    const block = node.int("blocksize", 1);
    return [{ dtype, shape: [n, c * block ** 2, h / block, w / block] }];
  },
};
