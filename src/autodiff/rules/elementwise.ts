/**
 * Rules of element-wise arithmetic. The caller sums over the axes that were broadcast.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import { isFloat } from "../../onnx/dtype.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { AdjointContext, Rule, RuleTable } from "../rule.ts";

/** A rule for `y = f(x)` whose cotangent is `ȳ·f′`. */
function times(derivative: (context: AdjointContext) => Value) {
  return {
    inputs: ["X"],
    adjoint: (context: AdjointContext) => [() => context.g.mul(context.dy, derivative(context))],
  };
}

/** 1/√x */
function inverseRoot(g: OpBuilder, x: Value): Value {
  return g.emit("Reciprocal", [g.emit("Sqrt", [x])]);
}

/** x̄ᵢ = ȳ where xᵢ = y, shared among those that are equal. */
const extreme: Rule = {
  inputs: ["data_0 …"],
  notes: "Ties share the cotangent equally",
  adjoint: ({ g, node, x, y: [y], dy }) => {
    // A runtime may round y to float16 and x not yet, so that none would be equal.
    const half = y.dtype === "float16";
    const wide = half ? x.map((xi) => g.cast(xi, "float32")) : x;
    const best = half ? g.emit(node.op, wide) : y;
    const picked = (_: Value, i: number) =>
      g.cast(g.emit("Equal", [g.expand(wide[i], y.shape), best]), dy.dtype);
    return x.map((xi, i) => () => {
      const count = x.map(picked).reduce((sum, mask) => g.add(sum, mask));
      return g.mul(picked(xi, i), g.div(dy, count));
    });
  },
};

/** Arithmetic. */
export const elementwise: RuleTable = {
  // y = a − b·q with a whole number q  ⇒  ā = ȳ, b̄ = −ȳ·q
  Mod: {
    inputs: ["A", "B"],
    attributes: ["fmod"],
    adjoint: ({ g, x: [a, b], y: [y], dy }) => [
      () => dy,
      () => g.mul(dy, g.emit("Round", [g.div(g.sub(y, a), b)])),
    ],
  },

  // y = a + b  ⇒  ā = ȳ, b̄ = ȳ
  Add: { inputs: ["A", "B"], adjoint: ({ dy }) => [() => dy, () => dy] },

  // y = a − b  ⇒  ā = ȳ, b̄ = −ȳ
  Sub: { inputs: ["A", "B"], adjoint: ({ g, dy }) => [() => dy, () => g.emit("Neg", [dy])] },

  Mul: {
    inputs: ["A", "B"],
    adjoint: ({ g, x: [a, b], dy }) => [
      // ā = ȳ·b
      () => g.mul(dy, b),
      // b̄ = ȳ·a
      () => g.mul(dy, a),
    ],
  },

  Div: {
    inputs: ["A", "B"],
    adjoint: ({ g, x: [, b], y: [y], dy }) => [
      // ā = ȳ / b
      () => g.div(dy, b),
      // b̄ = −ȳ·y / b
      () => g.emit("Neg", [g.div(g.mul(dy, y), b)]),
    ],
  },

  Pow: {
    inputs: ["X", "Y"],
    notes: "With respect to the exponent the base must be positive",
    adjoint: ({ g, node, x: [a, b], y: [y], dy }) => {
      const exponent = node.constant(1);
      return [
        () => {
          // x̄ = ȳ·2x, for squares
          if (exponent?.length === 1 && exponent[0] === 2) {
            return g.mul(dy, g.mul(a, g.scalar(2, a)));
          }
          // x̄ = ȳ·b·x^(b−1), and 0 for b = 0
          const power = g.cast(b, a.dtype);
          const slope = g.mul(power, g.emit("Pow", [a, g.sub(power, g.scalar(1, a))]));
          if (exponent && !exponent.includes(0)) return g.mul(dy, slope);
          const zero = g.scalar(0, a);
          return g.mul(dy, g.emit("Where", [g.emit("Equal", [power, zero]), zero, slope]));
        },
        // b̄ = ȳ·y·ln x, and 0 for x = 0, b ≥ 0
        () => {
          const [power, zero] = [g.cast(b, a.dtype), g.scalar(0, a)];
          const flat = g.emit("And", [
            g.emit("Equal", [a, zero]),
            g.emit("GreaterOrEqual", [power, zero]),
          ]);
          const slope = g.mul(y, g.emit("Log", [a]));
          return g.cast(g.mul(dy, g.emit("Where", [flat, zero, slope])), b.dtype);
        },
      ];
    },
  },

  // y = Σᵢ xᵢ  ⇒  x̄ᵢ = ȳ
  Sum: { inputs: ["data_0 …"], adjoint: ({ x, dy }) => x.map(() => () => dy) },

  // y = Σᵢ xᵢ / n  ⇒  x̄ᵢ = ȳ / n
  Mean: {
    inputs: ["data_0 …"],
    adjoint: ({ g, x, dy }) => x.map(() => () => g.mul(dy, g.scalar(1 / x.length, dy))),
  },

  Max: extreme,
  Min: extreme,

  // y = −x  ⇒  x̄ = −ȳ
  Neg: { inputs: ["X"], adjoint: ({ g, dy }) => [() => g.emit("Neg", [dy])] },

  // y = |x|  ⇒  x̄ = ȳ·sign x
  Abs: { ...times(({ g, x: [x] }) => g.emit("Sign", [x])), notes: "Zero at 0" },

  // y = eˣ  ⇒  x̄ = ȳ·y
  Exp: times(({ y: [y] }) => y),

  // y = sin x  ⇒  x̄ = ȳ·cos x
  Sin: times(({ g, x: [x] }) => g.emit("Cos", [x])),

  // y = cos x  ⇒  x̄ = −ȳ·sin x
  Cos: times(({ g, x: [x] }) => g.emit("Neg", [g.emit("Sin", [x])])),

  // y = tan x  ⇒  x̄ = ȳ·(1 + y²)
  Tan: times(({ g, y: [y] }) => g.add(g.mul(y, y), g.scalar(1, y))),

  // y = sinh x  ⇒  x̄ = ȳ·cosh x
  Sinh: times(({ g, x: [x] }) => g.emit("Cosh", [x])),

  // y = cosh x  ⇒  x̄ = ȳ·sinh x
  Cosh: times(({ g, x: [x] }) => g.emit("Sinh", [x])),

  // y = arcsin x  ⇒  x̄ = ȳ / √(1 − x²)
  Asin: times(({ g, x: [x] }) => inverseRoot(g, g.sub(g.scalar(1, x), g.mul(x, x)))),

  // y = arccos x  ⇒  x̄ = −ȳ / √(1 − x²)
  Acos: times(({ g, x: [x] }) =>
    g.emit("Neg", [inverseRoot(g, g.sub(g.scalar(1, x), g.mul(x, x)))])
  ),

  // y = arctan x  ⇒  x̄ = ȳ / (1 + x²)
  Atan: times(({ g, x: [x] }) => g.emit("Reciprocal", [g.add(g.mul(x, x), g.scalar(1, x))])),

  // y = arsinh x  ⇒  x̄ = ȳ / √(x² + 1)
  Asinh: times(({ g, x: [x] }) => inverseRoot(g, g.add(g.mul(x, x), g.scalar(1, x)))),

  // y = arcosh x  ⇒  x̄ = ȳ / √(x² − 1)
  Acosh: times(({ g, x: [x] }) => inverseRoot(g, g.sub(g.mul(x, x), g.scalar(1, x)))),

  // y = artanh x  ⇒  x̄ = ȳ / (1 − x²)
  Atanh: times(({ g, x: [x] }) => g.emit("Reciprocal", [g.sub(g.scalar(1, x), g.mul(x, x))])),

  // y = ln x  ⇒  x̄ = ȳ / x
  Log: { inputs: ["X"], adjoint: ({ g, x: [x], dy }) => [() => g.div(dy, x)] },

  // y = 1/x  ⇒  x̄ = −ȳ·y²
  Reciprocal: times(({ g, y: [y] }) => g.emit("Neg", [g.mul(y, y)])),

  // y = √x  ⇒  x̄ = ½ȳ / y
  Sqrt: {
    inputs: ["X"],
    adjoint: ({ g, y: [y], dy }) => [() => g.div(g.mul(dy, g.scalar(0.5, y)), y)],
  },

  Where: {
    inputs: ["X", "Y"],
    adjoint: ({ g, x: [condition], dy }) => {
      const zero = g.scalar(0, dy);
      return [
        undefined,
        // ā = ȳ where the condition holds
        () => g.emit("Where", [condition, dy, zero]),
        // b̄ = ȳ where it does not
        () => g.emit("Where", [condition, zero, dy]),
      ];
    },
  },

  Cast: {
    inputs: ["input"],
    attributes: ["to", "saturate", "round_mode"],
    notes: "Between float types",
    // x̄ = ȳ in x's own element type
    adjoint: ({ g, x: [x], dy }) => [isFloat(x.dtype) ? () => g.cast(dy, x.dtype) : undefined],
  },

  // y = x  ⇒  x̄ = ȳ
  Identity: { inputs: ["input"], adjoint: ({ dy }) => [() => dy] },

  Dropout: {
    inputs: ["data", "ratio"],
    attributes: ["seed"],
    notes: "The identity, as in inference; training mode is an error",
    adjoint: ({ g, node, x, dy }) => {
      const training = node.proto.input[2] ? node.constant(2) : [0];
      if (training?.[0] !== 0) {
        throw new UserError(
          `Cannot differentiate ${node.label}: it is in training mode`,
          "export the model for inference",
        );
      }
      // In inference the ratio has no effect.
      return [() => dy, () => g.mul(x[1], g.scalar(0, x[1]))];
    },
  },
};
