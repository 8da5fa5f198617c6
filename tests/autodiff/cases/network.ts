/**
 * Uses of the operators that networks consist of: products, convolutions, pooling, normalisations,
 * attention.
 *
 * @module
 */
import { float } from "../../../src/onnx/attribute.ts";
import { resizes } from "./resize.ts";
import { type CaseTable, fc, ints, oneOf, size, type Use, uses } from "./arbitrary.ts";

const flag = oneOf(0, 1);

/** Spatial sizes with window, stride, dilation and pads that fit: one or two axes. */
const windows = fc.record({
  spatial: oneOf([5], [4, 5], [6, 4]),
  kernel: oneOf(1, 2, 3),
  stride: oneOf(1, 2, 3),
  dilation: oneOf(1, 1, 2),
  pads: oneOf("none", "same", "uneven"),
}).map(({ spatial, kernel, stride, dilation, pads }) => {
  const all = (value: number) => spatial.map(() => value);
  const amounts = { none: [0, 0], same: [1, 1], uneven: [0, 1] }[pads];
  const fits = (kernel - 1) * dilation < 4;
  return {
    spatial,
    attributes: {
      kernel_shape: all(kernel),
      strides: all(stride),
      dilations: all(fits ? dilation : 1),
      // Padding wider than the kernel would make windows of padding alone.
      pads: kernel === 1 ? undefined : amounts.flatMap(all),
    },
    kernel: all(kernel),
  };
});

const convolution = windows.chain(({ spatial, attributes, kernel }) =>
  fc.record({
    batch: oneOf(1, 2),
    group: oneOf(1, 2),
    inputs: oneOf(1, 2),
    outputs: oneOf(1, 2),
    bias: fc.boolean(),
  })
    .map((sizes) => ({ spatial, attributes, kernel, ...sizes }))
);

const conv = convolution.map(
  ({ spatial, attributes, kernel, batch, group, inputs, outputs, bias }): Use => ({
    operands: [
      { shape: [batch, group * inputs, ...spatial] },
      { shape: [group * outputs, inputs, ...kernel] },
      ...bias ? [{ shape: [group * outputs] }] : [],
    ],
    attributes: { ...attributes, group },
  }),
);

const autoPad = oneOf("SAME_UPPER", "SAME_LOWER", "VALID").map((auto_pad): Use => ({
  operands: [{ shape: [1, 2, 5, 6] }, { shape: [2, 2, 3, 2] }],
  attributes: { auto_pad, strides: [2, 1], kernel_shape: [3, 2] },
}));

const transposed = convolution.chain(
  ({ spatial, attributes, kernel, batch, group, inputs, outputs, bias }) =>
    flag.map((extra): Use => ({
      operands: [
        { shape: [batch, group * inputs, ...spatial] },
        { shape: [group * inputs, outputs, ...kernel] },
        ...bias ? [{ shape: [group * outputs] }] : [],
      ],
      attributes: {
        ...attributes,
        group,
        output_padding: extra < attributes.strides[0] ? spatial.map(() => extra) : undefined,
      },
    })),
);

/**
 * Windows that cover the axes: runtimes do not agree on whether a window beyond the last element
 * counts.
 */
const pools = fc.tuple(windows, flag).map(([{ spatial, attributes }, ceil]) => {
  const { kernel_shape: [kernel], strides: [stride], dilations: [dilation], pads } = attributes;
  const [before, after] = [pads?.[0] ?? 0, pads?.at(-1) ?? 0];
  const covers = spatial.every((size) => {
    const steps = (size + before + after - (kernel - 1) * dilation - 1) / stride;
    return Math.ceil(steps) * stride < size + before;
  });
  return { spatial, attributes: { ...attributes, ceil_mode: covers ? ceil : 0 } };
});

const maxPool = pools.map(({ spatial, attributes }): Use => ({
  operands: [{ shape: [1, 2, ...spatial] }],
  attributes,
}));

const averagePool = fc.tuple(pools, flag).map(
  ([{ spatial, attributes }, count_include_pad]): Use => ({
    opset: 19,
    operands: [{ shape: [1, 2, ...spatial] }],
    attributes: { ...attributes, count_include_pad },
  }),
);

const lpPool = fc.tuple(pools, oneOf(1, 2, 3)).map(([{ spatial, attributes }, p]): Use => ({
  operands: [{ shape: [1, 2, ...spatial] }],
  attributes: { ...attributes, p },
}));

const columns = fc.record({
  stride: oneOf(1, 2),
  dilation: oneOf(1, 2),
  pads: oneOf(0, 1),
}).map(({ stride, dilation, pads }): Use => {
  const [image, block] = [[4, 5], [2, 2]];
  const counts = image.map((size) => Math.floor((size + 2 * pads - dilation - 1) / stride) + 1);
  return {
    operands: [{ shape: [1, 8, counts[0] * counts[1]] }, ints(image), ints(block)],
    attributes: {
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads: [pads, pads, pads, pads],
    },
  };
});

const feature = fc.tuple(oneOf(1, 2), oneOf([3], [2, 3]));

const instance = feature.map(([n, spatial]): Use => ({
  operands: [{ shape: [n, 2, ...spatial] }, { shape: [2] }, { shape: [2] }],
  attributes: { epsilon: float(1e-2) },
}));

const group = fc.tuple(feature, oneOf(18, 21)).map(([[n, spatial], opset]): Use => ({
  opset,
  operands: [
    { shape: [n, 4, ...spatial] },
    { shape: [opset < 21 ? 2 : 4] },
    { shape: [opset < 21 ? 2 : 4] },
  ],
  attributes: { num_groups: 2, epsilon: float(1e-2) },
}));

const layer = fc.tuple(size, oneOf([-1, [4]], [1, [3, 4]], [2, [1]]), fc.boolean()).map(
  ([n, [axis, scale], bias]): Use => ({
    operands: [{ shape: [n, 3, 4] }, ...Array(bias ? 2 : 1).fill({ shape: scale })],
    attributes: { axis: axis as number, epsilon: float(1e-2) },
  }),
);

const batch = fc.tuple(feature, fc.boolean()).map(([[n, spatial], fed]): Use => ({
  operands: [
    { shape: [n, 2, ...spatial] },
    { shape: [2] },
    { shape: [2] },
    fed ? { shape: [2] } : { shape: [2], values: [0.3, -0.2] },
    fed ? { shape: [2], range: [0.5, 1.5] } : { shape: [2], values: [0.5, 1.5] },
  ],
  attributes: { epsilon: float(1e-2) },
}));

const matMul = oneOf(
  [[2, 3], [3, 4]],
  [[2, 2, 3], [3, 2]],
  [[2, 3], [2, 3, 2]],
  [[2, 1, 2, 3], [3, 3, 2]],
  [[3], [3, 2]],
  [[2, 3], [3]],
  [[3], [2, 3, 2]],
  [[2, 2, 3], [3]],
  [[3], [3]],
).map(([a, b]): Use => ({ operands: [{ shape: a }, { shape: b }] }));

const einsum = oneOf(
  ["bi,io->bo", [2, 3], [3, 4]],
  ["bhqd,bhkd->bhqk", [2, 1, 3, 2], [2, 1, 2, 2]],
  ["ij", [2, 3]],
  ["ij->ji", [2, 3]],
  ["i,j", [2], [3]],
  ["ba,ab", [2, 3], [3, 2]],
  ["...ij,...jk->...ik", [2, 1, 2, 3], [1, 3, 3, 2]],
  ["...ij->...", [2, 2, 3]],
  ["bi,bi->b", [2, 3], [2, 3]],
  ["ii->i", [3, 3]],
  ["ii", [3, 3]],
  ["ij,jk,kl->il", [2, 3], [3, 2], [2, 2]],
  [" b i j , b j k -> b k ", [2, 2, 3], [2, 3, 2]],
).map(([equation, ...shapes]): Use => ({
  operands: shapes.map((shape) => ({ shape: [...shape] })),
  attributes: { equation },
}));

const loss = fc.record({
  spatial: oneOf([], [2]),
  weighted: fc.boolean(),
  reduction: oneOf("none", "sum", "mean"),
  ignore_index: oneOf(undefined, 1, -1),
}).map(({ spatial, weighted, reduction, ignore_index }): Use => {
  const shape = [3, ...spatial];
  const values = Array.from({ length: 3 * (spatial[0] ?? 1) }, (_, i) => [2, 0, 1][i % 3]);
  if (ignore_index === -1) values[1] = -1;
  return {
    operands: [
      { shape: [3, 4, ...spatial] },
      { shape, dtype: "int64", values, fed: true },
      ...weighted ? [{ shape: [4], range: [0.5, 2] as const }] : [],
    ],
    attributes: { reduction, ignore_index },
  };
});

const gemm = fc.tuple(flag, flag, oneOf(undefined, [], [3], [2, 1], [2, 3])).map(
  ([transA, transB, c]): Use => ({
    operands: [
      { shape: transA ? [4, 2] : [2, 4] },
      { shape: transB ? [3, 4] : [4, 3] },
      ...c ? [{ shape: c }] : [],
    ],
    attributes: { transA, transB, alpha: float(0.5), beta: float(1.5) },
  }),
);

const attention = fc.record({
  heads: oneOf([2, 2], [2, 1]),
  ranks: oneOf(3, 4),
  mask: oneOf("none", "float", "bool", "infinite"),
  is_causal: flag,
  softcap: oneOf(0, 1.5),
  past: oneOf(0, 2),
  lengths: fc.boolean(),
}).map(({ heads: [q, kv], ranks, mask, is_causal, softcap, past, ...rest }): Use => {
  const lengths = rest.lengths && past === 0;
  const shape = (heads: number, length: number) =>
    ranks === 4 ? [1, heads, length, 2] : [1, length, heads * 2];
  const keep = {
    shape: [3, 4],
    dtype: "bool" as const,
    values: [1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0],
  };
  const infinite = {
    shape: [3, 4],
    values: keep.values.map((kept, i) => kept === 1 ? 0.1 * i : -Infinity),
  };
  const cache = { shape: [1, kv, past, 2] };
  const masks = { none: [], float: [{ shape: [3, 4] }], bool: [keep], infinite: [infinite] };
  return {
    opset: lengths ? 24 : 23,
    operands: [
      { shape: shape(q, 3) },
      { shape: shape(kv, 4 - past) },
      { shape: shape(kv, 4 - past) },
      ...past > 0 ? [masks[mask][0], cache, cache] : masks[mask],
      ...lengths
        ? [
          ...Array(3 - masks[mask].length).fill(undefined),
          { shape: [1], dtype: "int64" as const, values: [3], fed: true },
        ]
        : [],
    ],
    // The runtime takes a past only where it gives the present back.
    unread: past > 0 ? 2 : 0,
    attributes: {
      q_num_heads: ranks === 3 ? q : undefined,
      kv_num_heads: ranks === 3 ? kv : undefined,
      is_causal,
      softcap: float(softcap),
      scale: float(0.6),
    },
  };
});

/** Networks. */
export const network: CaseTable = {
  MatMul: uses("MatMul", matMul),
  Gemm: uses("Gemm", gemm),
  Conv: uses("Conv", fc.oneof({ weight: 4, arbitrary: conv }, autoPad)),
  ConvTranspose: uses("ConvTranspose", transposed),
  MaxPool: uses("MaxPool", maxPool),
  AveragePool: uses("AveragePool", averagePool),
  GlobalAveragePool: uses(
    "GlobalAveragePool",
    feature.map(([n, spatial]) => ({ operands: [{ shape: [n, 2, ...spatial] }] })),
  ),
  LpPool: uses("LpPool", lpPool),
  GlobalLpPool: uses(
    "GlobalLpPool",
    fc.tuple(feature, oneOf(1, 2, 3)).map(([[n, spatial], p]) => ({
      operands: [{ shape: [n, 2, ...spatial] }],
      attributes: { p },
    })),
  ),
  Col2Im: uses("Col2Im", columns),
  LRN: uses(
    "LRN",
    fc.tuple(size, oneOf(1, 3, 5)).map(([n, size]) => ({
      operands: [{ shape: [1, 4, n, 2] }],
      attributes: { size, alpha: float(0.4), beta: float(0.6), bias: float(1.5) },
    })),
  ),
  LpNormalization: uses(
    "LpNormalization",
    fc.tuple(size, oneOf(0, -1), oneOf(1, 2)).map(([n, axis, p]) => ({
      operands: [{ shape: [n, 3] }],
      attributes: { axis, p },
    })),
  ),
  GlobalMaxPool: uses(
    "GlobalMaxPool",
    feature.map(([n, spatial]) => ({ operands: [{ shape: [n, 2, ...spatial] }] })),
  ),
  InstanceNormalization: uses("InstanceNormalization", instance),
  GroupNormalization: uses("GroupNormalization", group),
  LayerNormalization: uses("LayerNormalization", layer),
  BatchNormalization: uses("BatchNormalization", batch),
  RMSNormalization: uses(
    "RMSNormalization",
    fc.tuple(feature, oneOf(1, -1)).map(([[n, spatial], axis]): Use => {
      const shape = [n, 2, ...spatial];
      return {
        opset: 23,
        operands: [{ shape }, { shape: axis === 1 ? shape.slice(1) : shape.slice(-1) }],
        attributes: { axis, epsilon: float(1e-2) },
      };
    }),
  ),
  NegativeLogLikelihoodLoss: uses("NegativeLogLikelihoodLoss", loss),
  SoftmaxCrossEntropyLoss: uses("SoftmaxCrossEntropyLoss", loss),
  Einsum: uses("Einsum", einsum),
  Attention: uses("Attention", attention),
  Resize: uses("Resize", resizes),
};
