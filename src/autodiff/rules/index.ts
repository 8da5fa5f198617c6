/**
 * Rules of operators that look up, scatter or add up elements by their places.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { fromFront, sizeOf, type Value } from "../../onnx/value.ts";
import type { Adjoint, AdjointContext, RuleTable } from "../rule.ts";
import { alongAxis } from "./common.ts";

/** A scatter: how elements go to their places, and come from there. */
interface Scattering {
  readonly to: (data: Value, updates: Value, reduction?: string) => Value;
  readonly from: (x: Value) => Value;
}

/** The adjoints of a scatter with respect to data and updates. */
function scattered(
  { g, node, x: [data, , updates], y: [y], dy }: AdjointContext,
  { to, from }: Scattering,
): readonly (Adjoint | undefined)[] {
  switch (node.string("reduction", "none")) {
    // y = data, or an update  ⇒  data's cotangent = ȳ but where it was replaced, updates' = ȳ there
    case "none":
      return [() => to(dy, zeros(g, updates)), undefined, () => from(dy)];
    // y = data + Σ updates  ⇒  both have ȳ
    case "add":
      return [() => dy, undefined, () => from(dy)];
    // y = data · Π updates  ⇒  data's = ȳ · Π updates, updates' = ȳ·y / update
    case "mul": {
      const ones = g.expand(g.scalar(1, data), data.shape);
      return [
        () => g.mul(dy, to(ones, updates, "mul")),
        undefined,
        () => g.div(from(g.mul(dy, y)), updates),
      ];
    }
    case "max":
    case "min": {
      // m = 1 where an element is the extreme one  ⇒  its cotangent = m·ȳ / Σ m
      const equal = (a: Value, b: Value) => g.cast(g.emit("Equal", [a, b]), dy.dtype);
      const [own, theirs] = [equal(data, y), equal(updates, from(y))];
      const each = g.div(dy, to(own, theirs, "add"));
      return [() => g.mul(own, each), undefined, () => g.mul(theirs, from(each))];
    }
    default:
      throw new UserError(
        `Cannot differentiate ${node.label}: its reduction is "${node.string("reduction", "")}"`,
        "supported are none, add, mul, max and min",
      );
  }
}

const SCATTER_NOTES =
  "With reduction mul updates must not be 0; with max and min ties share the cotangent equally";

/** Zeros like another tensor. */
function zeros(g: OpBuilder, like: Value): Value {
  return g.expand(g.scalar(0, like), like.shape);
}

/** Indices [batch …, …, k] with the places along the batch's axes before them: [batch …, …, b + k]. */
function withBatch(g: OpBuilder, indices: Value, batch: number): Value {
  if (batch === 0) return indices;
  const places = indices.shape.slice(0, -1);
  const axes = Array.from({ length: batch }, (_, axis) => {
    const shape = places.map((size, i) => i === axis ? size : 1);
    const numbers = g.constant(indices.dtype, [...shape, 1], [...Array(places[axis]).keys()]);
    return g.expand(numbers, [...places, 1]);
  });
  return g.concat([...axes, indices], places.length);
}

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

  // data's cotangent = ȳ, added where each element came from
  GatherElements: {
    inputs: ["data"],
    attributes: ["axis"],
    adjoint: ({ g, node, x: [data, indices], dy }) => [() => {
      const axis = node.int("axis", 0);
      return g.emit("ScatterElements", [zeros(g, data), indices, dy], { axis, reduction: "add" });
    }],
  },

  GatherND: {
    inputs: ["data"],
    attributes: ["batch_dims"],
    adjoint: ({ g, node, x: [data, indices], dy }) => [() => {
      const whole = withBatch(g, indices, node.int("batch_dims", 0));
      return g.emit("ScatterND", [zeros(g, data), whole, dy], { reduction: "add" });
    }],
  },

  ScatterElements: {
    inputs: ["data", "updates"],
    attributes: ["axis", "reduction"],
    notes: SCATTER_NOTES,
    adjoint: (context) => {
      const { g, node, x: [, indices] } = context;
      const axis = node.int("axis", 0);
      return scattered(context, {
        to: (data, updates, reduction) =>
          g.emit("ScatterElements", [data, indices, updates], { axis, reduction }),
        from: (x) => g.emit("GatherElements", [x, indices], { axis }),
      });
    },
  },

  ScatterND: {
    inputs: ["data", "updates"],
    attributes: ["reduction"],
    notes: SCATTER_NOTES,
    adjoint: (context) => {
      const { g, x: [, indices] } = context;
      return scattered(context, {
        to: (data, updates, reduction) =>
          g.emit("ScatterND", [data, indices, updates], { reduction }),
        from: (x) => g.emit("GatherND", [x, indices]),
      });
    },
  },

  // y = the k largest or smallest of x, from their places  ⇒  x̄ = ȳ there, else 0
  TopK: {
    inputs: ["X"],
    attributes: ["axis", "largest", "sorted"],
    adjoint: ({ g, node, x: [x, k], y: [, places], dy }) => [() => {
      const axis = node.int("axis", -1);
      const [largest, sorted] = [node.int("largest", 1), node.int("sorted", 1)];
      const indices = places ?? g.emitAll("TopK", [x, k], { axis, largest, sorted }, 2)[1];
      return g.emit("ScatterElements", [zeros(g, x), indices, dy], { axis });
    }],
  },

  // y = off, or on where the axis's place is the index  ⇒  each one's cotangent = Σ ȳ there
  OneHot: {
    inputs: ["values"],
    attributes: ["axis"],
    adjoint: ({ g, node, x: [indices, depth, values], dy }) => [
      undefined,
      undefined,
      () => {
        const marks = g.constant(values.dtype, [2], [0, 1]);
        const type = { dtype: values.dtype, shape: dy.shape };
        const axis = node.int("axis", -1);
        const [hot] = g.emitAll("OneHot", [indices, depth, marks], { axis }, [type]);
        const sum = (x: Value) =>
          g.reshape(g.reduce("ReduceSum", x, x.shape.map((_, axis) => axis)), [1]);
        const on = sum(g.mul(dy, hot));
        return g.concat([g.sub(sum(dy), on), on], 0);
      },
    ],
  },

  // y = x with the first elements of each sequence turned round  ⇒  x̄ = the same of ȳ
  ReverseSequence: {
    inputs: ["input"],
    attributes: ["batch_axis", "time_axis"],
    adjoint: ({ g, node, x: [, lengths], dy }) => [() =>
      g.emit("ReverseSequence", [dy, lengths], {
        batch_axis: node.int("batch_axis", 1),
        time_axis: node.int("time_axis", 0),
      })],
  },

  // y = Σ of the elements up to each  ⇒  x̄ = Σ of ȳ from each on
  CumSum: {
    inputs: ["x"],
    attributes: ["exclusive", "reverse"],
    adjoint: ({ g, node, x: [, axis], dy }) => [() => {
      const [exclusive, reverse] = [node.int("exclusive", 0), 1 - node.int("reverse", 0)];
      return g.emit("CumSum", [dy, axis], { exclusive, reverse });
    }],
  },

  // y = the upper or lower triangle of x, else 0  ⇒  x̄ = the same of ȳ
  Trilu: {
    inputs: ["input"],
    attributes: ["upper"],
    adjoint: ({ g, node, x: [, k], dy }) => [
      () => g.emit("Trilu", [dy, k], { upper: node.int("upper", 1) }),
    ],
  },
};
