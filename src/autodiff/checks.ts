/**
 * Refusals of what cannot be differentiated, by name.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { type Graph, readNames } from "../onnx/graph.ts";
import { NodeView } from "../onnx/node_view.ts";
import { isQuantised } from "../onnx/quantised.ts";
import { UNQUANTISED } from "./activity.ts";
import { checkAttributes } from "./rule.ts";
import { ruleOf } from "./rules.ts";

/** Refuses names of `wrt` that would give two tensors one name: repetitions, and the output. */
export function checkNames(of: string, wrt: readonly string[]) {
  if (wrt.length === 0) {
    throw new UserError(
      `Cannot differentiate "${of}" with respect to nothing`,
      "name at least one input or initializer in wrt",
    );
  }
  const repeated = wrt.find((name, i) => wrt.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new UserError(
      `Cannot differentiate with respect to "${repeated}" twice`,
      "name each tensor once in wrt",
    );
  }
  if (wrt.includes(of)) {
    throw new UserError(
      `Cannot differentiate "${of}" with respect to itself`,
      "name inputs or initializers in wrt",
    );
  }
}

/**
 * Refuses a node on the way that has no rule or whose tensors have unknown shapes.
 */
export function checkWay(forward: Graph, active: ReadonlySet<string>): void {
  for (const node of forward.nodes) {
    const onWay = node.output.some((name) => active.has(name)) &&
      readNames(node).some((name) => active.has(name));
    if (!onWay) continue;
    const { label } = new NodeView(node, forward);
    const rule = ruleOf(node);
    if (!rule && isQuantised(node)) {
      throw new UserError(`Cannot differentiate ${label}: it is quantised`, UNQUANTISED);
    }
    if (!rule) {
      throw new UserError(
        `Cannot differentiate ${label}: the operator has no differentiation rule`,
        "docs/operators.md lists the operators that have one",
      );
    }
    checkAttributes(new NodeView(node, forward), rule);
    const unknown = [...node.input, ...node.output].find((name) =>
      name !== "" && !forward.values.has(name)
    );
    if (unknown !== undefined) {
      throw new UserError(
        `Cannot differentiate ${label}: the shape of "${unknown}" is unknown, after ${
          unknownSource(forward, unknown)
        }`,
        "export the model so that every shape follows from the shapes of its inputs",
      );
    }
  }
}

/** Refuses bfloat16, which neither runtime computes with. */
export function refuseBrainFloat(graph: Graph, name: string): void {
  if (graph.values.get(name)?.dtype !== "bfloat16") return;
  throw new UserError(
    `Cannot differentiate "${name}": its element type is bfloat16`,
    "use the model's float32 or float16 files",
  );
}

/** The node that makes a shape unknown: the first whose inputs have known shapes. */
function unknownSource(graph: Graph, name: string): string {
  const seen = new Set<string>();
  let [label, next]: [string, string | undefined] = [`"${name}"`, name];
  // A damaged graph may run in a circle.
  while (next !== undefined && !seen.has(next)) {
    const current: string = next;
    seen.add(current);
    const node = graph.nodes.find(({ output }) => output.includes(current));
    if (node) label = new NodeView(node, graph).label;
    next = node?.input.find((one) => one !== "" && !graph.values.has(one));
  }
  return label;
}
