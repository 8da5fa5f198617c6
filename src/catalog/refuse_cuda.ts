import { UserError } from "../errors.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";

/**
 * Operators of ONNX Runtime's own that only its CUDA provider computes; tried with onnxruntime-web
 * 1.30, whose WebAssembly and WebGPU providers both refuse them.
 */
const CUDA_ONLY = ["NhwcConv", "GroupNorm", "SkipGroupNorm", "PackedMultiHeadAttention"];

/**
 * Refuses a model that was optimised for CUDA: its fused operators run nowhere else, and none of them
 * can be differentiated.
 *
 * @param name What to call the model in messages.
 * @throws {UserError} If there is such an operator in it.
 *
 * @example
 * ```ts
 * import { readModel } from "../onnx/model.ts";
 * import { refuseCudaOperators } from "./refuse_cuda.ts";
 *
 * const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
 * refuseCudaOperators(readModel(await Deno.readFile(url)), "emoji");
 * ```
 */
export function refuseCudaOperators(model: OnnxModel, name: string): void {
  const node = graphOf(model).node.find(({ domain, opType }) =>
    domain === "com.microsoft" && CUDA_ONLY.includes(opType)
  );
  if (!node) return;
  throw new UserError(
    `Cannot use "${name}": its operator ${node.opType} is computed by ONNX Runtime's CUDA provider only`,
    "take an export of the model that is not optimised for CUDA",
  );
}
