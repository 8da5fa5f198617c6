/**
 * Shapes of operators that work element by element.
 *
 * @module
 */
import { dataTypeOf } from "../dtype.ts";
import type { NodeView } from "../node_view.ts";
import { broadcastShapes, type TensorType, type Value } from "../value.ts";
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
    ...["Abs", "Acos", "Asin", "Atan", "Ceil", "Cos", "Cosh", "Erf", "Exp", "Floor", "Log", "Neg"],
    ...["Reciprocal", "Round", "Sign", "Sin", "Sinh", "Sqrt", "Tan", "BitwiseNot", "Not"],
    ...["Celu", "Clip", "Elu", "Gelu", "HardSigmoid", "HardSwish", "Hardmax", "LeakyRelu"],
    ...["LogSoftmax", "Mish", "Relu", "Selu", "Sigmoid", "Softmax", "Softplus", "Softsign"],
    ...["Swish", "Tanh", "ThresholdedRelu", "PRelu", "CumSum", "Identity", "Trilu"],
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
