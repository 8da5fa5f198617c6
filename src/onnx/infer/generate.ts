/**
 * Shapes of operators that make tensors from shapes and numbers.
 *
 * @module
 */
import { findAttribute } from "../attribute.ts";
import { dataTypeOf } from "../dtype.ts";
import { tensorType } from "../tensor.ts";
import { type InferTable, shared } from "./rule.ts";

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
