import { UserError } from "../errors.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import type { NodeProto } from "./proto/onnx_pb.ts";

/** Whether a node computes with rounded integers instead of floats, or makes floats of them. */
export function isQuantised({ opType }: NodeProto): boolean {
  return /^Q(Linear|Attention|Gemm|MoE|Ordered)|[Qq]uantize|Integer|NBits|Bnb4/.test(opType);
}

/**
 * Refuses a quantised graph that is to be differentiated: rounding has no derivative, and no shapes are
 * inferred for operators on rounded integers.
 *
 * @param what The graph in messages, e.g. `VAE encoder`.
 * @param path The graph's file.
 * @throws {UserError} A node of the graph is quantised.
 */
export function refuseQuantised(model: OnnxModel, what: string, path: string): void {
  const nodes = [...graphOf(model).node, ...model.functions.flatMap(({ node }) => node)];
  const found = nodes.find(isQuantised);
  if (!found) return;
  throw new UserError(
    `Cannot use "${path}": a quantised ${what} cannot be differentiated, found its operator ` +
      found.opType,
    "take the float32 or float16 one; a quantised U-Net, text encoder or decoder works",
  );
}
