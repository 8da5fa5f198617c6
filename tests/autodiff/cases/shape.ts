/**
 * Uses of operators that move elements or look them up.
 *
 * @module
 */
import { sizeOf } from "../../../src/onnx/value.ts";
import type { Operand } from "../op_case.ts";
import { anyShape, type CaseTable, fc, ints, oneOf, size, uses } from "./arbitrary.ts";

const plane = fc.tuple(size, size);

const reductions = oneOf("none", "add", "mul", "max", "min");

/** Moves and look-ups. */
export const shape: CaseTable = {
  Reshape: uses(
    "Reshape",
    anyShape.map((shape) => ({ operands: [{ shape }, ints([-1, shape[0]])] })),
  ),
  Flatten: uses(
    "Flatten",
    fc.tuple(anyShape, oneOf(0, 1, -1)).map(([shape, axis]) => ({
      operands: [{ shape }],
      attributes: { axis },
    })),
  ),
  Squeeze: uses(
    "Squeeze",
    fc.tuple(size, fc.boolean()).map(([n, all]) => ({
      operands: all ? [{ shape: [1, n, 1] }] : [{ shape: [1, n, 1] }, ints([-1])],
    })),
  ),
  Unsqueeze: uses("Unsqueeze", anyShape.map((shape) => ({ operands: [{ shape }, ints([0, -1])] }))),
  Transpose: uses(
    "Transpose",
    fc.tuple(size, size, size, oneOf([0, 2, 1], [2, 0, 1], undefined)).map(([a, b, c, perm]) => ({
      operands: [{ shape: [a, b, c] }],
      attributes: { perm },
    })),
  ),
  Expand: uses(
    "Expand",
    plane.map(([n, m]) => ({
      operands: [{ shape: [n, 1] }, ints([2, 1, m])],
    })),
  ),
  Tile: uses("Tile", plane.map(([n, m]) => ({ operands: [{ shape: [n, m] }, ints([2, 3])] }))),
  Concat: uses(
    "Concat",
    fc.tuple(plane, size, oneOf(0, -2)).map(([[n, m], k, axis]) => ({
      operands: [{ shape: [n, m] }, { shape: [k, m] }, { shape: [1, m] }],
      attributes: { axis },
    })),
  ),
  Split: uses(
    "Split",
    fc.tuple(plane, oneOf("sizes", "even")).map(([[n, m], how]) =>
      how === "sizes"
        ? {
          operands: [{ shape: [n, m + 3] }, ints([1, m, 2])],
          attributes: { axis: 1 },
          outputs: 3,
        }
        : {
          operands: [{ shape: [n, 5] }],
          attributes: { axis: -1, num_outputs: 2 },
          outputs: 2,
        }
    ),
  ),
  Slice: uses(
    "Slice",
    oneOf([1, 4, 1], [-3, 2 ** 40, 1], [0, 5, 2], [4, -(2 ** 40), -1], [3, 0, -2]).chain((range) =>
      size.map((n) => ({
        operands: [
          { shape: [n, 5] },
          ...range.slice(0, 2).map((at) => ints([at])),
          ints([-1]),
          ints([range[2]]),
        ],
      }))
    ),
  ),
  Pad: uses(
    "Pad",
    fc.tuple(plane, oneOf("constant", "reflect", "edge", "wrap", "axes")).map(([[n, m], mode]) => {
      if (mode === "axes") {
        const value = { shape: [] };
        return { operands: [{ shape: [n, m + 2] }, ints([-1, 2]), value, ints([1])] };
      }
      const pads = mode === "constant" ? [1, -1, 0, 2] : [1, 2, 0, 1];
      return {
        opset: 19,
        operands: [{ shape: [n + 2, m + 3] }, ints(pads)],
        attributes: { mode },
      };
    }),
  ),
  DepthToSpace: uses(
    "DepthToSpace",
    fc.tuple(plane, oneOf("DCR", "CRD")).map(([[n, m], mode]) => ({
      operands: [{ shape: [1, 8, n, m] }],
      attributes: { blocksize: 2, mode },
    })),
  ),
  SpaceToDepth: uses(
    "SpaceToDepth",
    plane.map(([n, m]) => ({
      operands: [{ shape: [1, 2, 2 * n, 2 * m] }],
      attributes: { blocksize: 2 },
    })),
  ),
  Gather: uses(
    "Gather",
    fc.tuple(plane, oneOf([], [1], [3], [2, 2]), fc.boolean(), oneOf(0, 1, -1)).map(
      ([[n, m], shape, fed, axis]) => {
        const values = Array.from({ length: sizeOf(shape) }, (_, i) => [2, -1, 2, 0][i]);
        const data = [n, m].toSpliced(axis < 0 ? 2 : axis, 0, 3);
        return {
          operands: [{ shape: data }, { shape, dtype: "int64", values, fed }],
          attributes: { axis },
        };
      },
    ),
  ),
  GatherElements: uses(
    "GatherElements",
    fc.tuple(plane, oneOf(0, 1, -1), fc.boolean()).map(([[n, m], axis, fed]) => {
      const shape = [n, m].toSpliced(axis === 0 ? 0 : 1, 0, 4);
      return {
        operands: [
          { shape: axis === 0 ? [3, n, m] : axis === 1 ? [n, 3, m] : [n, m, 3] },
          places(axis === -1 ? [n, m, 4] : shape, 3, fed),
        ],
        attributes: { axis },
      };
    }),
  ),
  GatherND: uses(
    "GatherND",
    fc.tuple(size, oneOf(0, 1), oneOf(1, 2), fc.boolean()).map(([n, batch_dims, depth, fed]) => ({
      operands: [
        { shape: [3, 3, 3, n] },
        places([3, 2, depth], 3, fed),
      ],
      attributes: { batch_dims },
    })),
  ),
  ScatterElements: uses(
    "ScatterElements",
    fc.tuple(size, oneOf(0, 1), reductions).map(([n, axis, reduction]) => {
      const shape = axis === 0 ? [2, n] : [n, 2];
      const rows = reduction === "none" ? [2, -3] : [2, -1];
      const values = Array.from(
        { length: 2 * n },
        (_, i) => rows[axis === 0 ? Math.floor(i / n) : i % 2],
      );
      return {
        opset: 18,
        apart: true,
        operands: [
          { shape: axis === 0 ? [3, n] : [n, 3] },
          { shape, dtype: "int64", values },
          { shape },
        ],
        attributes: { axis, reduction },
      };
    }),
  ),
  ScatterND: uses(
    "ScatterND",
    fc.tuple(size, reductions).map(([n, reduction]) => ({
      opset: 18,
      apart: true,
      operands: [
        { shape: [3, 2, n] },
        {
          shape: [2, 2],
          dtype: "int64",
          values: reduction === "none" ? [0, 1, -1, 0] : [2, 0, -1, 0],
        },
        { shape: [2, n] },
      ],
      attributes: { reduction },
    })),
  ),
  TopK: uses(
    "TopK",
    fc.tuple(size, oneOf(0, -1), oneOf(0, 1)).map(([n, axis, largest]) => ({
      apart: true,
      operands: [{ shape: axis === 0 ? [5, n] : [n, 5] }, ints([3])],
      unread: 1,
      attributes: { axis, largest },
    })),
  ),
  OneHot: uses(
    "OneHot",
    fc.tuple(oneOf(0, -1), fc.boolean()).map(([axis, fed]) => ({
      operands: [
        { shape: [2, 2], dtype: "int64", values: [2, -1, 0, 1], fed },
        { shape: [], dtype: "int64", values: [3] },
        { shape: [2] },
      ],
      attributes: { axis },
    })),
  ),
  ReverseSequence: uses(
    "ReverseSequence",
    fc.tuple(size, oneOf(0, 1)).map(([n, time_axis]) => ({
      operands: [
        { shape: time_axis === 0 ? [4, 2, n] : [2, 4, n] },
        { shape: [2], dtype: "int64", values: [3, 4], fed: true },
      ],
      attributes: { time_axis, batch_axis: 1 - time_axis },
    })),
  ),
  Compress: uses(
    "Compress",
    fc.tuple(size, oneOf(undefined, 0, -1)).map(([n, axis]) => ({
      operands: [
        { shape: axis === 0 ? [3, n] : [n, 3] },
        { shape: [3], dtype: "bool", values: [1, 0, 1] },
      ],
      attributes: { axis },
    })),
  ),
  CenterCropPad: uses(
    "CenterCropPad",
    fc.tuple(plane, plane, fc.boolean()).map(([[n, m], [h, w], all]) => ({
      operands: [{ shape: [n, 2, m] }, ints(all ? [h, 3, w] : [w, h])],
      attributes: { axes: all ? undefined : [-1, 0] },
    })),
  ),
  TensorScatter: uses(
    "TensorScatter",
    fc.tuple(size, oneOf("linear", "circular"), fc.boolean()).map(([n, mode, fed]) => ({
      opset: 24,
      operands: [
        { shape: [2, 5, n] },
        { shape: [2, 2, n] },
        { shape: [2], dtype: "int64", values: mode === "linear" ? [3, 1] : [4, 1], fed },
      ],
      attributes: { mode },
    })),
  ),
  CumProd: uses(
    "CumProd",
    fc.tuple(plane, oneOf(0, -1), oneOf(0, 1), oneOf(0, 1)).map(
      ([[n, m], axis, exclusive, reverse]) => ({
        opset: 26,
        operands: [
          { shape: [n, m], range: [-1.5, 1.5] },
          { shape: [], dtype: "int64", values: [axis] },
        ],
        attributes: { exclusive, reverse },
      }),
    ),
  ),
  CumSum: uses(
    "CumSum",
    fc.tuple(plane, oneOf(0, -1), oneOf(0, 1), oneOf(0, 1)).map(
      ([[n, m], axis, exclusive, reverse]) => ({
        operands: [{ shape: [n, m] }, { shape: [], dtype: "int64", values: [axis] }],
        attributes: { exclusive, reverse },
      }),
    ),
  ),
  Trilu: uses(
    "Trilu",
    fc.tuple(plane, oneOf(0, 1), oneOf(undefined, -1, 1)).map(([[n, m], upper, k]) => ({
      operands: k === undefined
        ? [{ shape: [2, n, m] }]
        : [{ shape: [2, n, m] }, { shape: [], dtype: "int64", values: [k] }],
      attributes: { upper },
    })),
  ),
};

/** Places along an axis, counted from either end. */
function places(shape: readonly number[], length: number, fed: boolean): Operand {
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => (5 * i) % (2 * length) - length);
  return { shape, dtype: "int64", values, fed };
}
