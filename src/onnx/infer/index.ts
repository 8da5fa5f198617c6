/**
 * Shapes of operators that look elements up.
 *
 * @module
 */
import { fromFront } from "../value.ts";
import type { InferTable } from "./rule.ts";

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

  OneHot: (node) => {
    const { shape } = node.input(0);
    const depth = node.constant(1);
    const axis = fromFront(node.int("axis", -1), shape.length + 1);
    return [
      depth && { dtype: node.input(2).dtype, shape: shape.toSpliced(axis, 0, depth[0]) },
    ];
  },
};
