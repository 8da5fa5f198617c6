/**
 * Rules of operators that look up, scatter or add up elements by their places.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { fromFront, sizeOf, type Value } from "../../onnx/value.ts";
import type { RuleTable } from "../rule.ts";
import { alongAxis } from "./common.ts";

const ADDING = "From operator set 16 on";

/** Refuses a node whose adjoint would add up where operators cannot yet. */
function requireAdding({ label, opset }: NodeView): void {
  if (opset >= 16) return;
  throw new UserError(
    `Cannot differentiate ${label}: its derivative needs operator set 16, and the model's is ${opset}`,
    "export the model with opset 16 or newer",
  );
}

/** Tells whether a scatter adds to its data; otherwise it replaces. @throws {UserError} Neither. */
function addsUp(node: NodeView): boolean {
  const reduction = node.string("reduction", "none");
  if (reduction !== "none" && reduction !== "add") {
    throw new UserError(
      `Cannot differentiate ${node.label}: its reduction is "${reduction}"`,
      "supported are none and add",
    );
  }
  return reduction === "add";
}

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
    notes: ADDING,
    adjoint: ({ g, node, x: [data, indices], dy }) => [() => {
      requireAdding(node);
      const axis = node.int("axis", 0);
      return g.emit("ScatterElements", [zeros(g, data), indices, dy], { axis, reduction: "add" });
    }],
  },

  GatherND: {
    inputs: ["data"],
    attributes: ["batch_dims"],
    notes: ADDING,
    adjoint: ({ g, node, x: [data, indices], dy }) => [() => {
      requireAdding(node);
      const whole = withBatch(g, indices, node.int("batch_dims", 0));
      return g.emit("ScatterND", [zeros(g, data), whole, dy], { reduction: "add" });
    }],
  },

  ScatterElements: {
    inputs: ["data", "updates"],
    attributes: ["axis", "reduction"],
    notes: "With reduction none or add",
    adjoint: ({ g, node, x: [, indices, updates], dy }) => {
      const axis = node.int("axis", 0);
      const adds = addsUp(node);
      return [
        // data's cotangent = ȳ, but for elements that were replaced
        () => adds ? dy : g.emit("ScatterElements", [dy, indices, zeros(g, updates)], { axis }),
        undefined,
        // updates' cotangent = ȳ where they went
        () => g.emit("GatherElements", [dy, indices], { axis }),
      ];
    },
  },

  ScatterND: {
    inputs: ["data", "updates"],
    attributes: ["reduction"],
    notes: "With reduction none or add",
    adjoint: ({ g, node, x: [, indices, updates], dy }) => {
      const adds = addsUp(node);
      return [
        // data's cotangent = ȳ, but for elements that were replaced
        () => adds ? dy : g.emit("ScatterND", [dy, indices, zeros(g, updates)]),
        undefined,
        // updates' cotangent = ȳ where they went
        () => g.emit("GatherND", [dy, indices]),
      ];
    },
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
