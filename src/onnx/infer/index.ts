/**
 * Shapes of operators that look up elements, and of those that make tensors from shapes and numbers.
 *
 * @module
 */
import { findAttribute } from "../attribute.ts";
import { dataTypeOf } from "../dtype.ts";
import { tensorType } from "../tensor.ts";
import { fromFront } from "../value.ts";
import { type InferTable, shared } from "./rule.ts";

/** Look-ups. */
export const index: InferTable = {
  Gather: (node) => {
    const { dtype, shape } = node.input(0);
    const axis = fromFront(node.int("axis", 0), shape.length);
    return [{ dtype, shape: shape.toSpliced(axis, 1, ...node.input(1).shape) }];
  },

  GatherElements: (node) => [{ dtype: node.input(0).dtype, shape: node.input(1).shape }],

  GatherND: (node) => {
    const { dtype, shape } = node.input(0);
    const indices = node.input(1).shape;
    const depth = indices[indices.length - 1];
    const batch = node.int("batch_dims", 0);
    return [{ dtype, shape: [...indices.slice(0, -1), ...shape.slice(batch + depth)] }];
  },

  ScatterElements: (node) => [node.input(0)].map(({ dtype, shape }) => ({ dtype, shape })),

  ScatterND: (node) => [node.input(0)].map(({ dtype, shape }) => ({ dtype, shape })),

  TopK: (node) => {
    const { dtype, shape } = node.input(0);
    const k = node.constant(1);
    if (!k) return [undefined];
    const result = shape.with(fromFront(node.int("axis", -1), shape.length), k[0]);
    return [{ dtype, shape: result }, { dtype: "int64", shape: result }];
  },

  Compress: (node) => {
    const { dtype, shape } = node.input(0);
    const kept = node.constant(1)?.filter((one) => one !== 0).length;
    if (kept === undefined) return [undefined];
    if (!node.has("axis")) return [{ dtype, shape: [kept] }];
    return [{ dtype, shape: shape.with(fromFront(node.int("axis", 0), shape.length), kept) }];
  },

  OneHot: (node) => {
    const { shape } = node.input(0);
    const depth = node.constant(1);
    const axis = fromFront(node.int("axis", -1), shape.length + 1);
    return [
      depth && { dtype: node.input(2).dtype, shape: shape.toSpliced(axis, 0, depth[0]) },
    ];
  },
};

/** Makers of new tensors. */
export const generate: InferTable = {
  Shape: (node) => {
    const rank = node.input(0).shape.length;
    const clamp = (index: number) => Math.max(0, Math.min(rank, index < 0 ? index + rank : index));
    const length = clamp(node.int("end", rank)) - clamp(node.int("start", 0));
    return [{ dtype: "int64", shape: [Math.max(0, length)] }];
  },

  Size: () => [{ dtype: "int64", shape: [] }],

  ConstantOfShape: (node) => {
    const shape = node.constant(0);
    const value = findAttribute(node.proto, "value")?.t;
    const dtype = value ? tensorType(value)?.dtype : "float32";
    return [shape && dtype && { dtype, shape }];
  },

  Range: (node) => {
    const [start, limit, delta] = [0, 1, 2].map((i) => node.constant(i)?.[0]);
    if (start === undefined || limit === undefined || delta === undefined) return [undefined];
    const length = Math.max(0, Math.ceil((limit - start) / delta));
    return [{ dtype: node.input(0).dtype, shape: [length] }];
  },

  ...shared(["RandomNormal", "RandomUniform"], (node) => {
    const dtype = dataTypeOf(node.int("dtype", 1));
    return [dtype && { dtype, shape: node.ints("shape") ?? [] }];
  }),
};
