/**
 * Rules of activations.
 *
 * @module
 */
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { AdjointContext, Rule, RuleTable } from "../rule.ts";

/** 1 − x. */
const oneMinus = (g: OpBuilder, x: Value) => g.sub(g.scalar(1, x), x);

/** The truth values of x > 0. */
const positive = (g: OpBuilder, x: Value) => g.emit("Greater", [x, g.scalar(0, x)]);

/** c where the condition holds, else d; c and d are given as numbers or tensors. */
function choose(g: OpBuilder, condition: Value, c: Value, d: Value): Value {
  return g.emit("Where", [condition, c, d]);
}

/** A rule for `y = f(x)`, from the formula of `x̄`. */
function activate(
  formula: (context: AdjointContext) => Value,
  rest: Partial<Pick<Rule, "inputs" | "attributes">> = {},
): Rule {
  return { inputs: ["X"], ...rest, adjoint: (context) => [() => formula(context)] };
}

/** Standard normal distribution function Φ(x) and density φ(x). */
function normal(g: OpBuilder, x: Value): { cdf: Value; density: Value } {
  // Φ = ½(1 + erf(x/√2))
  const erf = g.emit("Erf", [g.mul(x, g.scalar(Math.SQRT1_2, x))]);
  const cdf = g.mul(g.add(erf, g.scalar(1, x)), g.scalar(0.5, x));
  // φ = exp(−x²/2) / √(2π)
  const bell = g.emit("Exp", [g.mul(g.mul(x, x), g.scalar(-0.5, x))]);
  return { cdf, density: g.mul(bell, g.scalar(1 / Math.sqrt(2 * Math.PI), x)) };
}

/** Activations. */
export const activation: RuleTable = {
  // y = σ(x)  ⇒  x̄ = ȳ·y·(1 − y)
  Sigmoid: activate(({ g, y: [y], dy }) => g.mul(dy, g.mul(y, oneMinus(g, y)))),

  // y = tanh x  ⇒  x̄ = ȳ·(1 − y²)
  Tanh: activate(({ g, y: [y], dy }) => g.mul(dy, oneMinus(g, g.mul(y, y)))),

  // y = max(x, 0)  ⇒  x̄ = ȳ where x > 0
  Relu: activate(({ g, y: [y], dy }) => choose(g, positive(g, y), dy, g.scalar(0, dy))),

  // y = x, or αx below 0  ⇒  x̄ = ȳ, or αȳ below 0
  LeakyRelu: activate(
    ({ g, node, x: [x], dy }) =>
      choose(g, positive(g, x), dy, g.mul(dy, g.scalar(node.float("alpha", 0.01), dy))),
    { attributes: ["alpha"] },
  ),

  PRelu: {
    inputs: ["X", "slope"],
    adjoint: ({ g, x: [x, slope], dy }) => [
      // x̄ = ȳ, or ȳ·slope below 0
      () => choose(g, positive(g, x), dy, g.mul(dy, slope)),
      // slope's cotangent = ȳ·x below 0
      () => choose(g, positive(g, x), g.scalar(0, dy), g.mul(dy, x)),
    ],
  },

  // y = x, or α(eˣ − 1) below 0  ⇒  x̄ = ȳ, or ȳ·(y + α) below 0
  Elu: activate(({ g, node, x: [x], y: [y], dy }) => {
    const below = g.mul(dy, g.add(y, g.scalar(node.float("alpha", 1), y)));
    return choose(g, positive(g, x), dy, below);
  }, { attributes: ["alpha"] }),

  // y = γx, or γα(eˣ − 1) below 0  ⇒  x̄ = γȳ, or ȳ·(y + γα) below 0
  Selu: activate(({ g, node, x: [x], y: [y], dy }) => {
    const alpha = node.float("alpha", 1.6732632);
    const gamma = node.float("gamma", 1.050701);
    const below = g.mul(dy, g.add(y, g.scalar(gamma * alpha, y)));
    return choose(g, positive(g, x), g.mul(dy, g.scalar(gamma, dy)), below);
  }, { attributes: ["alpha", "gamma"] }),

  // y = x, or α(e^(x/α) − 1) below 0  ⇒  x̄ = ȳ, or ȳ·e^(x/α) below 0
  Celu: activate(({ g, node, x: [x], dy }) => {
    const below = g.emit("Exp", [g.mul(x, g.scalar(1 / node.float("alpha", 1), x))]);
    return choose(g, positive(g, x), dy, g.mul(dy, below));
  }, { attributes: ["alpha"] }),

  // y = x where x > α, else 0  ⇒  x̄ = ȳ where x > α
  ThresholdedRelu: activate(({ g, node, x: [x], dy }) => {
    const above = g.emit("Greater", [x, g.scalar(node.float("alpha", 1), x)]);
    return choose(g, above, dy, g.scalar(0, dy));
  }, { attributes: ["alpha"] }),

  // y = x − b above λ, x + b below −λ, else 0  ⇒  x̄ = ȳ where |x| > λ
  Shrink: activate(({ g, node, x: [x], dy }) => {
    const outside = g.emit("Greater", [
      g.emit("Abs", [x]),
      g.scalar(node.float("lambd", 0.5), x),
    ]);
    return choose(g, outside, dy, g.scalar(0, dy));
  }, { inputs: ["input"], attributes: ["bias", "lambd"] }),

  // y = x·t, t = tanh ln(1 + eˣ)  ⇒  x̄ = ȳ·(t + x·σ(x)·(1 − t²))
  Mish: activate(({ g, x: [x], dy }) => {
    const t = g.emit("Tanh", [g.emit("Softplus", [x])]);
    const bend = g.mul(g.mul(x, g.emit("Sigmoid", [x])), oneMinus(g, g.mul(t, t)));
    return g.mul(dy, g.add(t, bend));
  }),

  // y = ln(1 + eˣ)  ⇒  x̄ = ȳ·σ(x)
  Softplus: activate(({ g, x: [x], dy }) => g.mul(dy, g.emit("Sigmoid", [x]))),

  // y = x/(1 + |x|)  ⇒  x̄ = ȳ·(1 − |y|)²
  Softsign: activate(({ g, y: [y], dy }) => {
    const rest = oneMinus(g, g.emit("Abs", [y]));
    return g.mul(dy, g.mul(rest, rest));
  }, { inputs: ["input"] }),

  // y = min(max(αx + β, 0), 1)  ⇒  x̄ = αȳ where 0 < y < 1
  HardSigmoid: activate(({ g, node, y: [y], dy }) => {
    const inside = positive(g, g.mul(y, oneMinus(g, y)));
    const slope = g.scalar(Math.fround(node.float("alpha", 0.2)), dy);
    return choose(g, inside, g.mul(dy, slope), g.scalar(0, dy));
  }, { attributes: ["alpha", "beta"] }),

  // y = x·min(max(x/6 + ½, 0), 1)  ⇒  x̄ = ȳ·(x/3 + ½) where −3 < x < 3, ȳ above
  HardSwish: activate(({ g, x: [x], dy }) => {
    const slope = g.add(g.mul(x, g.scalar(1 / 3, x)), g.scalar(0.5, x));
    const bent = g.emit("Less", [g.emit("Abs", [x]), g.scalar(3, x)]);
    const straight = choose(g, positive(g, x), dy, g.scalar(0, dy));
    return choose(g, bent, g.mul(dy, slope), straight);
  }),

  Gelu: activate(({ g, node, x: [x], dy }) => {
    if (node.string("approximate", "none") === "none") {
      // y = x·Φ(x)  ⇒  x̄ = ȳ·(Φ(x) + x·φ(x))
      const { cdf, density } = normal(g, x);
      return g.mul(dy, g.add(cdf, g.mul(x, density)));
    }
    // y = ½x(1 + t), t = tanh u, u = √(2/π)·(x + 0.044715x³)
    const [k, c] = [Math.sqrt(2 / Math.PI), 0.044715];
    const square = g.mul(x, x);
    const u = g.mul(x, g.add(g.mul(square, g.scalar(k * c, x)), g.scalar(k, x)));
    const t = g.emit("Tanh", [u]);
    // u′ = √(2/π)·(1 + 3·0.044715x²)
    const slope = g.add(g.mul(square, g.scalar(3 * k * c, x)), g.scalar(k, x));
    // x̄ = ½ȳ·(1 + t + x·(1 − t²)·u′)
    const bend = g.mul(g.mul(x, slope), oneMinus(g, g.mul(t, t)));
    return g.mul(dy, g.mul(g.add(g.add(t, g.scalar(1, x)), bend), g.scalar(0.5, x)));
  }, { attributes: ["approximate"] }),

  // y = erf x  ⇒  x̄ = ȳ·(2/√π)·exp(−x²)
  Erf: activate(({ g, x: [x], dy }) => {
    const bell = g.emit("Exp", [g.emit("Neg", [g.mul(x, x)])]);
    return g.mul(dy, g.mul(bell, g.scalar(2 / Math.sqrt(Math.PI), x)));
  }, { inputs: ["input"] }),

  Clip: {
    inputs: ["input", "min", "max"],
    notes: "Where a bound bites, it gets the cotangent",
    adjoint: ({ g, x: [x, low, high], dy }) => {
      const zero = g.scalar(0, dy);
      const both = (a: Value | undefined, b: Value | undefined) =>
        a && b ? g.emit("And", [a, b]) : a ?? b;
      const raised = low && g.emit("Max", [x, low]);
      return [
        // y = min(max(x, low), high)  ⇒  x̄ = ȳ where low ≤ x ≤ high
        () => {
          const above = low && g.emit("GreaterOrEqual", [x, low]);
          const inside = both(above, high && g.emit("LessOrEqual", [x, high]));
          return inside ? choose(g, inside, dy, zero) : dy;
        },
        // low's cotangent = Σ ȳ where x < low ≤ high
        low && (() => {
          const under = g.emit("Less", [x, low]);
          const bites = both(under, high && g.emit("LessOrEqual", [low, high]));
          return choose(g, bites!, dy, zero);
        }),
        // high's cotangent = Σ ȳ where max(x, low) > high
        high && (() => choose(g, g.emit("Greater", [raised ?? x, high]), dy, zero)),
      ];
    },
  },

  // y = softmax x  ⇒  x̄ = y·(ȳ − Σ y·ȳ)
  Softmax: activate(({ g, node, y: [y], dy, guarded }) => {
    const sum = g.reduce("ReduceSum", g.mul(y, dy), [node.int("axis", -1)]);
    const adjoint = g.mul(y, g.sub(dy, sum));
    // A row of −∞ gives NaN, which a guarded graph replaces.
    return guarded ? choose(g, g.emit("IsNaN", [y]), g.scalar(0, dy), adjoint) : adjoint;
  }, { inputs: ["input"], attributes: ["axis"] }),

  // y = ln softmax x  ⇒  x̄ = ȳ − eʸ·Σ ȳ
  LogSoftmax: activate(({ g, node, y: [y], dy }) => {
    const sum = g.reduce("ReduceSum", dy, [node.int("axis", -1)]);
    return g.sub(dy, g.mul(g.emit("Exp", [y]), sum));
  }, { inputs: ["input"], attributes: ["axis"] }),
};
