/**
 * Rules of shape inference.
 *
 * @module
 */
import type { NodeView } from "../node_view.ts";
import type { TensorType } from "../value.ts";

/** Types of a node's outputs, in order, from the types of its inputs. */
export type InferRule = (node: NodeView) => (TensorType | undefined)[];

/** Rules by operator. */
export type InferTable = Readonly<Partial<Record<string, InferRule>>>;

/** The same rule for several operators. */
export function shared(ops: readonly string[], rule: InferRule): InferTable {
  return Object.fromEntries(ops.map((op) => [op, rule]));
}
