/**
 * The table of differentiation rules, keyed by operator.
 *
 * @module
 */
import { isStandard } from "../onnx/node_view.ts";
import type { NodeProto } from "../onnx/proto/onnx_pb.ts";
import type { Rule, RuleTable } from "./rule.ts";
import { activation } from "./rules/activation.ts";
import { convolve } from "./rules/convolve.ts";
import { elementwise } from "./rules/elementwise.ts";
import { index } from "./rules/index.ts";
import { matmul } from "./rules/matmul.ts";
import { INTERNAL_DOMAIN, normalise, normalizeRule } from "./rules/normalize.ts";
import { pool } from "./rules/pool.ts";
import { reduce } from "./rules/reduce.ts";
import { resize } from "./rules/resize.ts";
import { shape } from "./rules/shape.ts";

/** Rules by operator of the default domain. */
export const RULES: RuleTable = {
  ...elementwise,
  ...activation,
  ...reduce,
  ...normalise,
  ...convolve,
  ...pool,
  ...resize,
  ...matmul,
  ...shape,
  ...index,
};

/** The rule of a node's operator, if it has one. */
export function ruleOf(node: NodeProto): Rule | undefined {
  if (node.domain === INTERNAL_DOMAIN) return normalizeRule;
  return isStandard(node) ? RULES[node.opType] : undefined;
}
