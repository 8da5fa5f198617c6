/**
 * Shape and element-type inference: one table of rules keyed by operator.
 *
 * @module
 */
import { contract, elementwise, normalise, reduce } from "./infer/arithmetic.ts";
import { fourier } from "./infer/fourier.ts";
import { generate, index } from "./infer/index.ts";
import { quantised } from "./infer/quantised.ts";
import type { InferTable } from "./infer/rule.ts";
import { shape } from "./infer/shape.ts";
import { window } from "./infer/window.ts";
import { isStandard, type NodeView } from "./node_view.ts";
import type { TensorType } from "./value.ts";

/** Inference rules by operator of the default domain. */
export const INFER_RULES: InferTable = {
  ...elementwise,
  ...reduce,
  ...shape,
  ...index,
  ...window,
  ...contract,
  ...normalise,
  ...fourier,
  ...generate,
  ...quantised,
};

/**
 * Types of a node's outputs. A type is `undefined` where the operator has no rule, an input's type is
 * unknown, or the shape depends on data.
 */
export function inferTypes(node: NodeView): (TensorType | undefined)[] {
  const { input, output } = node.proto;
  const rule = isStandard(node.proto) ? INFER_RULES[node.op] : undefined;
  const known = input.every((name, i) => name === "" || node.inputs[i] !== undefined);
  const types = rule && known ? rule(node) : [];
  return output.map((_, i) => types[i]);
}
