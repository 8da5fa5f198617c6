/**
 * Uses of element-wise operators.
 *
 * @module
 */
import { float } from "../../../src/onnx/attribute.ts";
import { dataTypeCode } from "../../../src/onnx/dtype.ts";
import { broadcastShapes, sizeOf } from "../../../src/onnx/value.ts";
import {
  anyShape,
  broadcastPair,
  type CaseTable,
  fc,
  oneOf,
  unaries,
  unary,
  uses,
} from "./arbitrary.ts";

type Range = readonly [number, number];

/** Two operands that broadcast. */
const binary = (op: string, a?: Range, b?: Range) =>
  uses(
    op,
    broadcastPair.map(([x, y]) => ({ operands: [{ shape: x, range: a }, { shape: y, range: b }] })),
  );

/** Three operands that broadcast, none of whose numbers are so near that a step swaps them. */
const variadic = (op: string) =>
  uses(
    op,
    broadcastPair.map(([x, y]) => ({
      operands: [{ shape: x }, { shape: y }, { shape: [] }],
      apart: true,
    })),
  );

const POSITIVE: Range = [0.5, 3];

/** Arithmetic and activations. */
export const elementwise: CaseTable = {
  Add: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  Div: binary("Div", [-2, 2], POSITIVE),
  Sum: variadic("Sum"),
  Mean: variadic("Mean"),
  Max: variadic("Max"),
  Min: variadic("Min"),
  Pow: fc.oneof(
    binary("Pow", POSITIVE, [-1, 2]),
    uses(
      "Pow",
      fc.tuple(
        anyShape,
        oneOf([2, "float32"] as const, [2, "int64"] as const, [3, "float32"] as const),
      )
        .map(([shape, [exponent, dtype]]) => ({
          operands: [{ shape }, { shape: [], dtype, values: [exponent] }],
        })),
    ),
  ),
  Where: uses(
    "Where",
    broadcastPair.map(([x, y]) => {
      const shape = broadcastShapes(x, y);
      const values = Array.from({ length: sizeOf(shape) }, (_, i) => i % 3 === 1 ? 1 : 0);
      return {
        operands: [{ shape, dtype: "bool", values, fed: true }, { shape: x }, { shape: y }],
      };
    }),
  ),
  Cast: uses(
    "Cast",
    anyShape.map((shape) => ({
      operands: [{ shape, dtype: "float64" }],
      attributes: { to: dataTypeCode("float32") },
    })),
  ),
  Dropout: uses(
    "Dropout",
    fc.tuple(anyShape, fc.boolean()).map(([shape, ratio]) => ({
      operands: ratio ? [{ shape }, { shape: [], range: [0.1, 0.5] }] : [{ shape }],
    })),
  ),
  // The quotients have no whole number near them.
  Mod: uses(
    "Mod",
    fc.tuple(broadcastPair, oneOf([5.2, 5.8], [-5.8, -5.2])).map(([[x, y], range]) => ({
      operands: [{ shape: x, range }, { shape: y, range: [1.5, 1.7] }],
      attributes: { fmod: 1 },
    })),
  ),
  Shrink: fc.oneof(
    ...[[0.6, 2], [-2, -0.6], [-0.4, 0.4]].map(([low, high]) =>
      unary("Shrink", [low, high], oneOf({}, { bias: float(0.3), lambd: float(0.55) }))
    ),
  ),
  SwiGLU: uses(
    "SwiGLU",
    fc.tuple(anyShape, oneOf({}, { alpha: float(1.5) })).map(([shape, attributes]) => ({
      opset: 28,
      operands: [{ shape }, { shape }],
      attributes,
      unknown: true,
    })),
  ),
  Clip: uses(
    "Clip",
    fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()).map(([low, high, fed]) => ({
      operands: [
        { shape: [2, 3] },
        low ? fed ? { shape: [], range: [-0.7, -0.4] } : { shape: [], values: [-0.5] } : undefined,
        high ? fed ? { shape: [], range: [0.7, 0.9] } : { shape: [], values: [0.8] } : undefined,
      ],
    })),
  ),
  PRelu: uses(
    "PRelu",
    anyShape.map((shape) => ({
      operands: [{ shape }, { shape: [shape.at(-1)!], range: [0.1, 0.9] }],
    })),
  ),

  ...unaries(["Neg", "Abs", "Exp", "Sin", "Cos", "Identity", "Sigmoid", "Tanh", "Relu", "Erf"]),
  ...unaries(["Softplus", "Softsign", "Mish", "Sinh", "Cosh", "Atan", "Asinh"]),
  ...unaries(["Tan", "Asin", "Acos", "Atanh"], [-0.8, 0.8]),
  Acosh: unary("Acosh", [1.5, 3]),
  Celu: unary("Celu", undefined, fc.constant({ alpha: float(0.7) })),
  // It jumps at α.
  ThresholdedRelu: fc.oneof(
    unary("ThresholdedRelu", [0.4, 2], fc.constant({ alpha: float(0.3) })),
    unary("ThresholdedRelu", [-2, 0.2], fc.constant({ alpha: float(0.3) })),
  ),
  Swish: unary("Swish", undefined, oneOf({}, { alpha: float(1.5) }), 24),
  ...unaries(["Log", "Sqrt", "Reciprocal"], POSITIVE),
  HardSwish: unary("HardSwish", [-5, 5]),
  HardSigmoid: unary("HardSigmoid", [-4, 4], fc.constant({ alpha: float(0.25), beta: float(0.5) })),
  LeakyRelu: unary("LeakyRelu", undefined, fc.constant({ alpha: float(0.2) })),
  Elu: unary("Elu", undefined, fc.constant({ alpha: float(0.7) })),
  Selu: unary("Selu"),
  Gelu: unary("Gelu", undefined, oneOf({ approximate: "none" }, { approximate: "tanh" }), 20),
  Softmax: unary("Softmax", undefined, oneOf({ axis: 0 }, { axis: -1 })),
  LogSoftmax: unary("LogSoftmax", undefined, oneOf({ axis: 0 }, { axis: -1 })),
};
