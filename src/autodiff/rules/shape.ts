/**
 * Rules of operators that move elements around: the adjoint moves them back.
 *
 * @module
 */
import { padAmounts, sliceRanges } from "../../onnx/infer/shape.ts";
import { fromFront, type Value } from "../../onnx/value.ts";
import type { Rule, RuleTable } from "../rule.ts";

/** y is x in another shape  ⇒  x̄ is ȳ in x's shape. */
const reshaped = (input: string): Rule => ({
  inputs: [input],
  adjoint: ({ g, x: [x], dy }) => [() => g.reshape(dy, x.shape)],
});

/** Shapes, transposes, slices, pads and joins. */
export const shape: RuleTable = {
  Reshape: reshaped("data"),
  Flatten: reshaped("input"),
  Squeeze: reshaped("data"),
  Unsqueeze: reshaped("data"),

  // y = permuted x  ⇒  x̄ = ȳ, permuted back
  Transpose: {
    inputs: ["data"],
    adjoint: ({ g, node, x: [x], dy }) => {
      const perm = node.ints("perm") ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
      return [() => g.transpose(dy, x.shape.map((_, axis) => perm.indexOf(axis)))];
    },
  },

  // y = repeated x  ⇒  x̄ = ȳ, summed over the copies by the caller
  Expand: { inputs: ["input"], adjoint: ({ dy }) => [() => dy] },

  // y = [a | b | …]  ⇒  each part's cotangent is its slice of ȳ
  Concat: {
    inputs: ["inputs …"],
    adjoint: ({ g, node, x, dy }) => {
      const axis = fromFront(node.int("axis", 0), dy.shape.length);
      let start = 0;
      return x.map((part) => {
        const from = start;
        start += part.shape[axis];
        return () => g.slice(dy, axis, from, from + part.shape[axis]);
      });
    },
  },

  // y = x[start : end]  ⇒  x̄ = ȳ with zeros where x was left out
  Slice: {
    inputs: ["data"],
    adjoint: ({ g, node, x: [x], dy }) => [() => {
      const ranges = sliceRanges(node);
      return g.pad(
        dy,
        ranges.map(({ start }) => start),
        ranges.map(({ start, size }, axis) => x.shape[axis] - start - size),
      );
    }],
  },

  // y = x between zeros  ⇒  x̄ = the part of ȳ that is x
  Pad: {
    inputs: ["data"],
    adjoint: ({ g, node, dy }) => [(): Value => {
      const amounts = padAmounts(node);
      return g.pad(
        dy,
        amounts.map(({ before }) => -before),
        amounts.map(({ after }) => -after),
      );
    }],
  },
};
