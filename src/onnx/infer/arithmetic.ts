/**
 * Shapes of arithmetic: element-wise operators, reductions, matrix products, attention and
 * normalisations.
 *
 * @module
 */
import { dataTypeOf } from "../dtype.ts";
import type { NodeView } from "../node_view.ts";
import { broadcastShapes, fromFront, type TensorType, type Value } from "../value.ts";
import { type InferTable, shared } from "./rule.ts";

/** The output is like the first input. */
export function likeInput(node: NodeView): TensorType[] {
  const { dtype, shape } = node.input(0);
  return [{ dtype, shape }];
}

function broadcast(node: NodeView): TensorType {
  const shapes = node.proto.input.map((_, i) => node.input(i).shape);
  return { dtype: node.input(0).dtype, shape: broadcastShapes(...shapes) };
}

/** Element-wise operators: the inputs' shapes, broadcast. */
export const elementwise: InferTable = {
  ...shared([
    ...[
      "Abs",
      "Acos",
      "Acosh",
      "Asin",
      "Asinh",
      "Atan",
      "Atanh",
      "Ceil",
      "Cos",
      "Cosh",
      "Erf",
      "Exp",
      "Floor",
      "Log",
      "Neg",
    ],
    ...["Reciprocal", "Round", "Sign", "Sin", "Sinh", "Sqrt", "Tan", "BitwiseNot", "Not"],
    ...["Celu", "Clip", "Elu", "Gelu", "HardSigmoid", "HardSwish", "Hardmax", "LeakyRelu"],
    ...["LogSoftmax", "Mish", "Relu", "Selu", "Sigmoid", "Softmax", "Softplus", "Softsign"],
    ...["Swish", "Tanh", "ThresholdedRelu", "PRelu", "CumProd", "CumSum", "Identity", "Trilu"],
    ...["Shrink", "SwiGLU", "ReverseSequence", "TensorScatter", "RotaryEmbedding"],
    ...["RandomNormalLike", "RandomUniformLike"],
  ], likeInput),
  ...shared(
    ["Add", "Sub", "Mul", "Div", "Pow", "Mod", "And", "Or", "Xor", "Sum", "Mean", "Min", "Max"],
    (node) => [broadcast(node)],
  ),
  ...shared(
    ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"],
    (node) => [{ ...broadcast(node), dtype: "bool" }],
  ),
  ...shared(["IsNaN", "IsInf"], (node) => [{ dtype: "bool", shape: node.input(0).shape }]),

  Where: (node) => {
    const [condition, x, y] = [0, 1, 2].map((i): Value => node.input(i));
    return [{ dtype: x.dtype, shape: broadcastShapes(condition.shape, x.shape, y.shape) }];
  },

  Cast: (node) => {
    const dtype = dataTypeOf(node.int("to", 1));
    return [dtype && { dtype, shape: node.input(0).shape }];
  },

  CastLike: (node) => [{ dtype: node.input(1).dtype, shape: node.input(0).shape }],

  Dropout: (node) => {
    const { dtype, shape } = node.input(0);
    return [{ dtype, shape }, { dtype: "bool", shape }];
  },
};

/** The axes a reduction runs over, counted from the front; `[]` where it does nothing. */
export function reducedAxes(node: NodeView): number[] {
  const rank = node.input(0).shape.length;
  const axes = node.parameter("axes", 1);
  if (axes && axes.length > 0) return axes.map((axis) => fromFront(axis, rank));
  if (node.int("noop_with_empty_axes", 0) === 1) return [];
  return Array.from({ length: rank }, (_, axis) => axis);
}

function reduced(node: NodeView): TensorType[] {
  const { dtype, shape } = node.input(0);
  const axes = reducedAxes(node);
  const kept = shape.map((size, axis) => axes.includes(axis) ? 1 : size);
  return node.int("keepdims", 1) === 1
    ? [{ dtype, shape: kept }]
    : [{ dtype, shape: kept.filter((_, axis) => !axes.includes(axis)) }];
}

function argReduced(node: NodeView): TensorType[] {
  const { shape } = node.input(0);
  const axis = fromFront(node.int("axis", 0), shape.length);
  const result = shape.map((size, i) => i === axis ? 1 : size);
  if (node.int("keepdims", 1) === 0) result.splice(axis, 1);
  return [{ dtype: "int64", shape: result }];
}

/** Reductions: the reduced axes become 1 or vanish. */
export const reduce: InferTable = {
  ...shared([
    ...["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean"],
    ...["ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"],
  ], reduced),
  ...shared(["ArgMax", "ArgMin"], argReduced),
};

/** Notes the size of a label's axis; an axis of size 1 is repeated. */
function note(sizes: Map<string, number>, label: string, size: number): void {
  sizes.set(label, Math.max(sizes.get(label) ?? 1, size));
}

/** Matrix products. */
export const contract: InferTable = {
  MatMul: (node) => {
    const { dtype, shape: a } = node.input(0);
    const b = node.input(1).shape;
    const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
    const rows = a.length > 1 ? [a[a.length - 2]] : [];
    const columns = b.length > 1 ? [b[b.length - 1]] : [];
    return [{ dtype, shape: [...batch, ...rows, ...columns] }];
  },

  Gemm: (node) => {
    const { dtype, shape: a } = node.input(0);
    const b = node.input(1).shape;
    const rows = node.int("transA", 0) === 1 ? a[1] : a[0];
    const columns = node.int("transB", 0) === 1 ? b[0] : b[1];
    return [{ dtype, shape: [rows, columns] }];
  },

  Einsum: (node) => {
    const [left, right] = node.string("equation", "").replaceAll(" ", "").split("->");
    const sizes = new Map<string, number>();
    let hidden: readonly number[] = [];
    left.split(",").forEach((term, i) => {
      const { shape } = node.input(i);
      const [before, after] = term.split("...");
      const end = after === undefined ? shape.length : shape.length - after.length;
      [...before].forEach((label, axis) => note(sizes, label, shape[axis]));
      [...after ?? ""].forEach((label, axis) => note(sizes, label, shape[end + axis]));
      if (after !== undefined) hidden = broadcastShapes(hidden, shape.slice(before.length, end));
    });
    const letters = left.replace(/[.,]/g, "");
    const once = [...letters].filter((letter) => letters.split(letter).length === 2).sort();
    const output = right ?? `...${once.join("")}`;
    const [before, after = ""] = output.split("...");
    const known = (text: string) => [...text].map((label) => sizes.get(label) ?? 1);
    const middle = output.includes("...") ? hidden : [];
    return [{ dtype: node.input(0).dtype, shape: [...known(before), ...middle, ...known(after)] }];
  },

  ...shared(["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"], (node) => {
    const { dtype, shape } = node.input(0);
    const each = node.string("reduction", "mean") === "none";
    return [{ dtype, shape: each ? node.input(1).shape : [] }, { dtype, shape }];
  }),

  Attention: (node) => {
    const { dtype, shape: q } = node.input(0);
    const past = node.inputs[4]?.shape[2] ?? 0;
    const heads = node.int("kv_num_heads", 1);
    // [batch, heads, length, size], the past's keys and values before the own
    const [k, v] = [1, 2].map((i) => {
      const { shape } = node.input(i);
      if (shape.length === 4) return shape.with(2, past + shape[2]);
      return [shape[0], heads, past + shape[1], shape[2] / heads];
    });
    const y = q.length === 4
      ? [...q.slice(0, 3), v[3]]
      : [q[0], q[1], node.int("q_num_heads", 1) * v[3]];
    return [y, k, v].map((shape) => ({ dtype, shape }));
  },
};

/** Normalisations: the output is like the input; some also give their statistics. */
export const normalise: InferTable = {
  ...shared(
    [
      ...["InstanceNormalization", "GroupNormalization", "LpNormalization", "RMSNormalization"],
      ...["MeanVarianceNormalization", "LRN"],
    ],
    likeInput,
  ),

  BatchNormalization: (node) => {
    const { dtype, shape } = node.input(0);
    const { dtype: statistics, shape: [channels] } = node.input(3);
    const perChannel = { dtype: statistics, shape: [channels] };
    return [{ dtype, shape }, perChannel, perChannel];
  },

  LayerNormalization: (node) => {
    const { dtype, shape } = node.input(0);
    const axis = fromFront(node.int("axis", -1), shape.length);
    const statistics = shape.map((size, i) => i < axis ? size : 1);
    return [{ dtype, shape }, { dtype: "float32", shape: statistics }, {
      dtype: "float32",
      shape: statistics,
    }];
  },
};
