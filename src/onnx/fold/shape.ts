/**
 * Small constants moved around, looked up and made.
 *
 * @module
 */
import { findAttribute } from "../attribute.ts";
import { sliceRanges } from "../infer/shape.ts";
import { tensorValues } from "../tensor.ts";
import { fromFront, sizeOf } from "../value.ts";
import { at, coordinates, type FoldRule, type FoldTable } from "./constant.ts";

const sameValues: FoldRule = (_node, [input]) => input.values;

const broadcast: FoldRule = (_node, [input], { shape }) =>
  [...coordinates(shape)].map((coordinate) => at(input, coordinate));

/** Moving, looking up and making. */
export const shape: FoldTable = {
  Identity: sameValues,
  Reshape: sameValues,
  Flatten: sameValues,
  Squeeze: sameValues,
  Unsqueeze: sameValues,
  Expand: broadcast,

  Transpose: (node, [input], type) => {
    const perm = node.ints("perm") ?? input.shape.map((_, axis) => input.shape.length - 1 - axis);
    return [...coordinates(type.shape)].map((coordinate) =>
      at(input, input.shape.map((_, axis) => coordinate[perm.indexOf(axis)]))
    );
  },

  Concat: (node, inputs, type) => {
    const axis = fromFront(node.int("axis", 0), type.shape.length);
    return [...coordinates(type.shape)].map((coordinate) => {
      let offset = coordinate[axis];
      const part = inputs.find(({ shape }) => {
        if (offset < shape[axis]) return true;
        offset -= shape[axis];
        return false;
      });
      if (!part) throw new Error(`${node.label} joins fewer elements than its type says`);
      return at(part, coordinate.with(axis, offset));
    });
  },

  Slice: (node, [input], type) => {
    const ranges = sliceRanges(node);
    return [...coordinates(type.shape)].map((coordinate) =>
      at(input, coordinate.map((index, axis) => ranges[axis].start + index * ranges[axis].step))
    );
  },

  Gather: (node, [data, indices], type) => {
    const axis = fromFront(node.int("axis", 0), data.shape.length);
    const rank = indices.shape.length;
    return [...coordinates(type.shape)].map((coordinate) => {
      const index = at(indices, coordinate.slice(axis, axis + rank));
      return at(data, coordinate.toSpliced(axis, rank, fromFront(index, data.shape[axis])));
    });
  },

  ConstantOfShape: (node, _inputs, { shape }) => {
    const value = findAttribute(node.proto, "value")?.t;
    return new Array<number>(sizeOf(shape)).fill((value && tensorValues(value)?.[0]) ?? 0);
  },

  Range: (_node, [start, , delta], { shape: [length] }) =>
    Array.from({ length }, (_, i) => start.values[0] + i * delta.values[0]),
};
