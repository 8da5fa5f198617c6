import type { NodeProto } from "npm:onnx-buf@1.20.0-1";
import { UserError } from "../errors.ts";

/**
 * Operators of ONNX Runtime's own that only its CUDA provider computes; tried with onnxruntime-web
 * 1.30, whose WebAssembly and WebGPU providers both refuse them.
 */
const CUDA_ONLY = ["NhwcConv", "GroupNorm", "SkipGroupNorm", "PackedMultiHeadAttention"];

/**
 * Refuses a graph that was optimised for CUDA: its fused operators run nowhere else, and none of them
 * can be differentiated.
 *
 * @param nodes Of the graph.
 * @param name What to call the model in messages.
 * @throws {UserError} If there is such an operator among them.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { refuseCudaOperators } from "./refuse_cuda.ts";
 * import { skimNodes } from "./skim_nodes.ts";
 *
 * const url = new URL("../../models/emoji-64/unet/model.onnx", import.meta.url);
 * await refuseCudaOperators(skimNodes(fileURLToPath(url)), "emoji-64");
 * ```
 */
export async function refuseCudaOperators(
  nodes: AsyncIterable<NodeProto> | Iterable<NodeProto>,
  name: string,
): Promise<void> {
  for await (const { domain, opType } of nodes) {
    if (domain !== "com.microsoft" || !CUDA_ONLY.includes(opType)) continue;
    throw new UserError(
      `Cannot use "${name}": its operator ${opType} is computed by ONNX Runtime's CUDA provider only`,
      "take an export of the model that is not optimised for CUDA",
    );
  }
}
