/**
 * Rules of look-ups.
 *
 * @module
 */
import { fromFront, sizeOf } from "../../onnx/value.ts";
import type { RuleTable } from "../rule.ts";
import { alongAxis } from "./common.ts";

/** Look-ups. */
export const index: RuleTable = {
  Gather: {
    inputs: ["data"],
    attributes: ["axis"],
    adjoint: ({ g, node, x: [data, indices], dy }) => [() => {
      const axis = fromFront(node.int("axis", 0), data.shape.length);
      const [n, length] = [sizeOf(indices.shape), data.shape[axis]];
      // S[k, i] = 1 where index i is k (counted from the end where negative)
      const size = g.scalar(length, indices);
      const flat = g.reshape(indices, [1, n]);
      const fromStart = g.emit("Where", [
        g.emit("Less", [flat, g.scalar(0, indices)]),
        g.add(flat, size),
        flat,
      ]);
      const places = g.constant(indices.dtype, [length, 1], [...Array(length).keys()]);
      const selection = g.cast(g.emit("Equal", [places, fromStart]), dy.dtype);
      // data's cotangent = S·ȳ along the axis
      const outer = data.shape.slice(0, axis);
      const inner = data.shape.slice(axis + 1);
      return alongAxis(g, selection, g.reshape(dy, [...outer, n, ...inner]), axis);
    }],
  },
};
