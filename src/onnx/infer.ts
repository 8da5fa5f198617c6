/**
 * Shape and element-type inference: one table of rules keyed by operator.
 *
 * @module
 */
import { contract } from "./infer/contract.ts";
import { elementwise } from "./infer/elementwise.ts";
import { generate } from "./infer/generate.ts";
import { index } from "./infer/index.ts";
import { normalise } from "./infer/normalise.ts";
import { reduce } from "./infer/reduce.ts";
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
  ...generate,
};

/**
 * Types of a node's outputs. Those that do not follow from what is known are `undefined`: no rule
 * for the operator, an input of unknown type, or a shape that depends on data.
 *
 * @example
 * ```ts
 * import { inferTypes } from "./infer.ts";
 * import { NodeView } from "./node_view.ts";
 * import { OpBuilder } from "./op_builder.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 3] });
 * g.emit("Transpose", [x]);
 * const [type] = inferTypes(new NodeView(g.nodes[0], g));
 * console.assert(type?.shape.join() === "3,2");
 * ```
 */
export function inferTypes(node: NodeView): (TensorType | undefined)[] {
  const { input, output } = node.proto;
  const rule = isStandard(node.proto) ? INFER_RULES[node.op] : undefined;
  const known = input.every((name, i) => name === "" || node.inputs[i] !== undefined);
  const types = rule && known ? rule(node) : [];
  return output.map((_, i) => types[i]);
}
