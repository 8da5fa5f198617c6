/**
 * Uses of operators on signals: sampling, Fourier transforms, rotary embeddings.
 *
 * @module
 */
import { sizeOf } from "../../../src/onnx/value.ts";
import { type CaseTable, fc, ints, oneOf, size, type Use, uses } from "./arbitrary.ts";

const flag = oneOf(0, 1);

/** Places between elements 0 to 2, at the edge and outside: no step crosses an element. */
const gridSample = fc.record({
  rank: oneOf(2, 3),
  mode: oneOf("linear", "nearest", "cubic"),
  padding_mode: oneOf("zeros", "border", "reflection"),
  align_corners: flag,
  range: oneOf([0.1, 0.5], [-0.6, -0.1], [0.7, 0.95], [1.05, 1.3], [-1.3, -1.05]),
}).map(({ rank, mode, padding_mode, align_corners, range: [low, high] }): Use => {
  // The runtime has no cubic mode in space.
  const axes = mode === "cubic" ? 2 : rank;
  const places = axes === 2 ? [2, 2] : [1, 2, 2];
  const shape = [1, ...places, axes];
  const count = sizeOf(shape);
  const values = Array.from({ length: count }, (_, i) => low + (high - low) * (i + 0.3) / count);
  return {
    opset: 20,
    operands: [
      { shape: [1, 2, 3, 3, ...axes === 3 ? [3] : []] },
      // Rounding to the nearest element has steps.
      mode === "nearest" ? { shape, values } : { shape, range: [low, high] },
    ],
    attributes: { mode, padding_mode, align_corners },
  };
});

const affineGrid = fc.tuple(size, oneOf([2, 3], [2, 2, 3]), flag).map(
  ([n, spatial, align_corners]): Use => ({
    opset: 20,
    operands: [
      { shape: [n, spatial.length, spatial.length + 1] },
      ints([n, 1, ...spatial]),
    ],
    attributes: { align_corners },
  }),
);

const transform = fc.record({
  opset: oneOf(17, 20),
  parts: oneOf(1, 2),
  inverse: flag,
  length: oneOf(undefined, 3, 7),
}).map(({ opset, parts, inverse, length }): Use => ({
  opset,
  operands: [
    { shape: [2, 5, parts] },
    length ? { shape: [], dtype: "int64", values: [length] } : undefined,
    ...opset === 20 ? [{ shape: [], dtype: "int64" as const, values: [1] }] : [],
  ],
  attributes: {
    axis: opset === 20 ? undefined : 1,
    inverse,
    onesided: parts === 1 && inverse === 0 ? 1 : 0,
  },
}));

const shortTime = fc.tuple(fc.boolean(), flag).map(([windowed, onesided]): Use => ({
  operands: [
    { shape: [2, 7, 1] },
    { shape: [], dtype: "int64", values: [2] },
    windowed ? { shape: [4] } : undefined,
    { shape: [], dtype: "int64", values: [4] },
  ],
  attributes: { onesided },
}));

const rotary = fc.record({
  whole: fc.boolean(),
  interleaved: flag,
  positions: fc.boolean(),
  turned: oneOf(0, 4),
}).map(({ whole, interleaved, positions, turned }): Use => {
  const half = (turned || 6) / 2;
  const cache = { shape: positions ? [5, half] : [2, 3, half] };
  return {
    opset: 23,
    operands: [
      { shape: whole ? [2, 2, 3, 6] : [2, 3, 12] },
      cache,
      cache,
      ...positions
        ? [{ shape: [2, 3], dtype: "int64" as const, values: [0, 4, 2, 1, 1, 3], fed: true }]
        : [],
    ],
    attributes: {
      interleaved,
      num_heads: whole && turned === 0 ? undefined : 2,
      rotary_embedding_dim: turned,
    },
  };
});

/** Signals. */
export const signal: CaseTable = {
  GridSample: uses("GridSample", gridSample),
  AffineGrid: uses("AffineGrid", affineGrid),
  DFT: uses("DFT", transform),
  STFT: uses("STFT", shortTime),
  RotaryEmbedding: uses("RotaryEmbedding", rotary),
};
