/**
 * Einsum: products of tensors whose axes have labels, summed over the labels that the result lacks.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { sizeOf, type Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";

/** A tensor whose axes have labels: letters, or numbers for the axes of an ellipsis. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

/** Labels of a term's axes; those of an ellipsis count from the last axis that it stands for. */
function labelsOf(term: string, hidden: number): string[] {
  const [before, after] = term.split("...");
  if (after === undefined) return [...before];
  const numbers = Array.from({ length: hidden }, (_, i) => String(hidden - 1 - i));
  return [...before, ...numbers, ...after];
}

/** Sums over the axes of some labels, which vanish. */
function sumOver(g: OpBuilder, { value, labels }: Labelled, gone: readonly string[]): Labelled {
  const axes = labels.flatMap((label, axis) => gone.includes(label) ? [axis] : []);
  const kept = labels.filter((label) => !gone.includes(label));
  const shape = value.shape.filter((_, axis) => !axes.includes(axis));
  return { value: g.reshape(g.reduce("ReduceSum", value, axes), shape), labels: kept };
}

/** Keeps the diagonal of axes that share a label: others are multiplied by 0 and summed away. */
function diagonal(g: OpBuilder, { value, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  if (second < 0) return { value, labels };
  const first = labels.indexOf(labels[second]);
  const size = value.shape[first];
  const ones = Array.from({ length: size * size }, (_, i) => i % (size + 1) === 0 ? 1 : 0);
  const shape = value.shape.map((_, axis) => axis === first || axis === second ? size : 1);
  const masked = g.mul(value, g.constant(value.dtype, shape, ones));
  const apart = labels.with(second, "=");
  return diagonal(g, sumOver(g, { value: masked, labels: apart }, ["="]));
}

/** The axes in another order. */
function arranged(g: OpBuilder, { value, labels }: Labelled, order: readonly string[]): Value {
  return g.transpose(value, order.map((label) => labels.indexOf(label)));
}

/** The product of two tensors, summed over the labels that nothing needs: batched matrices. */
function contract(g: OpBuilder, a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const alone = (one: Labelled, other: Labelled) =>
    one.labels.filter((label) => !other.labels.includes(label) && !needed.has(label));
  const [x, y] = [sumOver(g, a, alone(a, b)), sumOver(g, b, alone(b, a))];
  const shared = x.labels.filter((label) => y.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const summed = shared.filter((label) => !needed.has(label));
  const rows = x.labels.filter((label) => !shared.includes(label));
  const columns = y.labels.filter((label) => !shared.includes(label));
  // An axis of size 1 is repeated, as in NumPy.
  const sizes = new Map<string, number>();
  for (const { value, labels } of [x, y]) {
    labels.forEach((label, axis) =>
      sizes.set(label, Math.max(sizes.get(label) ?? 1, value.shape[axis]))
    );
  }
  const shape = (labels: readonly string[]) => labels.map((label) => sizes.get(label)!);
  const matrices = (one: Labelled, left: readonly string[], right: readonly string[]) => {
    const order = [...batch, ...left, ...right];
    const full = g.expand(arranged(g, one, order), shape(order));
    return g.reshape(full, [sizeOf(shape(batch)), sizeOf(shape(left)), sizeOf(shape(right))]);
  };
  const product = g.matMul(matrices(x, rows, summed), matrices(y, summed, columns));
  const labels = [...batch, ...rows, ...columns];
  return { value: g.reshape(product, shape(labels)), labels };
}

function einsum(g: OpBuilder, node: NodeView): Value {
  const equation = node.string("equation", "").replaceAll(" ", "");
  const [left, right] = equation.split("->");
  const written = left.split(",");
  const hidden = written.map((term, i) =>
    term.includes("...") ? node.input(i).shape.length - term.replace("...", "").length : 0
  );
  const terms = written.map((term, i): Labelled => {
    const [value, labels] = [node.input(i), labelsOf(term, hidden[i])];
    if (labels.length !== value.shape.length) {
      throw new UserError(
        `Cannot differentiate ${node.label}: "${equation}" does not fit shape [${value.shape}]`,
        "check the equation against the shapes of its inputs",
      );
    }
    return diagonal(g, { value, labels });
  });
  const most = Math.max(...hidden);
  const letters = left.replace(/[.,]/g, "");
  const once = [...letters].filter((letter) => letters.split(letter).length === 2).sort();
  const output = labelsOf(right ?? `...${once.join("")}`, most);
  let [result, ...others] = terms;
  while (others.length > 0) {
    const [next, ...rest] = others;
    const needed = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
    result = contract(g, result, next, needed);
    others = rest;
  }
  const gone = result.labels.filter((label) => !output.includes(label));
  return arranged(g, sumOver(g, result, gone), output);
}

/** Einsum. */
export const einsums: LoweringTable = {
  Einsum: { inputs: ["Inputs …"], attributes: ["equation"], lower: einsum },
};
