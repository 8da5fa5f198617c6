/**
 * Rules of operators that move elements: the adjoint moves them back.
 *
 * @module
 */
import { padAmounts, sliceRanges, splitSizes } from "../../onnx/infer/shape.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { fromFront, type Value } from "../../onnx/value.ts";
import type { Rule, RuleTable } from "../rule.ts";
import { alongAxis } from "./common.ts";

/** y is x in another shape  ⇒  x̄ is ȳ in x's shape. */
const reshaped = (input: string, ...attributes: string[]): Rule => ({
  inputs: [input],
  attributes,
  adjoint: ({ g, x: [x], dy }) => [() => g.reshape(dy, x.shape)],
});

/** Shapes, transposes, slices, pads and joins. */
export const shape: RuleTable = {
  Reshape: reshaped("data", "allowzero"),
  Flatten: reshaped("input", "axis"),
  Squeeze: reshaped("data"),
  Unsqueeze: reshaped("data"),

  // y = permuted x  ⇒  x̄ = ȳ, permuted back
  Transpose: {
    inputs: ["data"],
    attributes: ["perm"],
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
    attributes: ["axis"],
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

  // y₁, y₂, … = parts of x  ⇒  x̄ = [ȳ₁ | ȳ₂ | …], zeros for parts that go nowhere
  Split: {
    inputs: ["input"],
    attributes: ["axis", "num_outputs"],
    severalOutputs: true,
    adjoint: ({ g, node, x: [x], cotangents }) => [() => {
      const axis = fromFront(node.int("axis", 0), x.shape.length);
      const parts = splitSizes(node).map((size, i) =>
        cotangents[i] ?? g.expand(g.scalar(0, x), x.shape.with(axis, size))
      );
      return g.concat(parts, axis);
    }],
  },

  // y = x[start : end : step]  ⇒  x̄ = ȳ with zeros where x was left out
  Slice: {
    inputs: ["data"],
    adjoint: (
      { g, node, x: [x], dy },
    ) => [() =>
      sliceRanges(node).reduce((cotangent, { start, step, size }, axis) => {
        const length = x.shape[axis];
        const forward = step < 0 ? g.slice(cotangent, axis, -1, -size - 1, -1) : cotangent;
        const first = step < 0 ? start + (size - 1) * step : start;
        return spread(g, forward, axis, first, Math.abs(step), length);
      }, dy)],
  },

  Tile: {
    inputs: ["input"],
    // x̄ = ȳ summed over the copies
    adjoint: ({ g, node, x: [x], dy }) => [() => {
      const repeats = node.parameter("repeats", 1) ?? [];
      const apart = g.reshape(dy, x.shape.flatMap((size, axis) => [repeats[axis], size]));
      const sum = g.reduce("ReduceSum", apart, x.shape.map((_, axis) => 2 * axis));
      return g.reshape(sum, x.shape);
    }],
  },

  Pad: {
    inputs: ["data", "constant_value"],
    attributes: ["mode"],
    adjoint: ({ g, node, x: [x, , value], dy }) => {
      const amounts = padAmounts(node);
      const mode = node.string("mode", "constant");
      const within = () =>
        g.pad(
          dy,
          amounts.map(({ before }) => -before),
          amounts.map(({ after }) => -after),
        );
      const sum = (part: Value) =>
        g.reshape(g.reduce("ReduceSum", part, part.shape.map((_, axis) => axis)), value.shape);
      return [
        (): Value => {
          // x̄ = the part of ȳ that is x
          if (mode === "constant") return within();
          return amounts.reduce((result, { before, after }, axis) => {
            if (before === 0 && after === 0) return result;
            // S[k, i] = 1 where element i is a copy of element k  ⇒  x̄ = S·ȳ along the axis
            const [length, to] = [x.shape[axis], dy.shape[axis]];
            const copies = new Float32Array(length * to);
            for (let i = 0; i < to; i++) {
              copies[paddedSource(mode, i - before, length) * to + i] = 1;
            }
            return alongAxis(g, g.constant(dy.dtype, [length, to], copies), result, axis);
          }, dy);
        },
        undefined,
        // the value's cotangent = the sum of all of ȳ that is not x
        () => g.sub(sum(dy), sum(within())),
      ];
    },
  },

  DepthToSpace: {
    inputs: ["input"],
    attributes: ["blocksize", "mode"],
    adjoint: ({ g, node, x: [x], dy }) => [() => {
      const [n, c, h, w] = x.shape;
      const b = node.int("blocksize", 1);
      const apart = g.reshape(dy, [n, c / b ** 2, h, b, w, b]);
      // x̄ = ȳ with each block's rows and columns moved before (DCR) or after (CRD) the channels
      const columnsFirst = node.string("mode", "DCR") === "CRD";
      const perm = columnsFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
      return g.reshape(g.transpose(apart, perm), x.shape);
    }],
  },

  SpaceToDepth: {
    inputs: ["input"],
    attributes: ["blocksize", "mode"],
    adjoint: ({ g, node, x: [x], dy }) => [() => {
      const [n, c, h, w] = x.shape;
      const b = node.int("blocksize", 1);
      const apart = g.reshape(dy, [n, b, b, c, h / b, w / b]);
      // x̄ = ȳ with each block's rows and columns moved back beside the image's
      return g.reshape(g.transpose(apart, [0, 3, 4, 1, 5, 2]), x.shape);
    }],
  },
};

/**
 * Puts element i of the axis at place `first + i·step` of `length` places; all others are 0.
 */
function spread(
  g: OpBuilder,
  x: Value,
  axis: number,
  first: number,
  step: number,
  length: number,
): Value {
  const size = x.shape[axis];
  const zeros = x.shape.map(() => 0);
  if (step === 1) return g.pad(x, zeros.with(axis, first), zeros.with(axis, length - first - size));
  // On an axis of its own, each element is followed by step − 1 zeros.
  const apart = g.reshape(x, x.shape.toSpliced(axis + 1, 0, 1));
  const wide = g.pad(apart, [...zeros, 0], [...zeros, 0].with(axis + 1, step - 1));
  const joined = g.reshape(wide, x.shape.with(axis, size * step));
  return g.pad(joined, zeros.with(axis, first), zeros.with(axis, length - first - size * step));
}

/** The element of an axis that padding copies to a place outside it. */
function paddedSource(mode: string, place: number, length: number): number {
  if (mode === "edge") return Math.min(length - 1, Math.max(0, place));
  const period = mode === "wrap" ? length : Math.max(1, 2 * (length - 1));
  const inside = ((place % period) + period) % period;
  return inside < length ? inside : period - inside;
}
