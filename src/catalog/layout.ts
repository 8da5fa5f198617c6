/**
 * The files and graphs that a model's folder may consist of; `models/README.md` describes them.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";

/** Files that every text-to-image model needs. */
export const NEEDED_FILES: readonly string[] = [
  "model_index.json",
  "text_encoder/model.onnx",
  "unet/model.onnx",
  "vae_encoder/model.onnx",
  "scheduler/scheduler_config.json",
];

/** Folders of a diffusers model that this project uses. */
const PARTS = [
  "text_encoder",
  "tokenizer",
  "unet",
  "scheduler",
  "vae",
  "vae_encoder",
  "vae_decoder",
  "depth",
  "clip",
];

/** Weights for other runtimes, which repositories keep beside the graphs. */
const OTHER_WEIGHTS =
  /^(diffusion_)?(pytorch|flax|tf|openvino)_|\.(safetensors|msgpack|h5|ckpt|pth?|ot)$/;

/** Other precisions of a graph, e.g. `model_fp16.onnx` and `model_fp16.onnx_data`. */
const OTHER_GRAPHS = /^model_.*\.onnx|^(?!(text_|vision_)?model\.onnx$).*\.onnx$/;

/**
 * Whether this project uses a file of a model in the diffusers layout: not read-me files, safety
 * checkers, weights for other runtimes and other precisions.
 *
 * @param path Path inside the model's folder, with `/`.
 */
export function inLayout(path: string): boolean {
  if (path === "model_index.json") return true;
  const [part, name = ""] = [path.slice(0, path.indexOf("/")), path.split("/").at(-1)];
  return PARTS.includes(part) && !OTHER_WEIGHTS.test(name) && !OTHER_GRAPHS.test(name);
}

/**
 * Whether this project uses a file of a depth network's or CLIP's own folder: not read-me files,
 * weights for other runtimes and other precisions.
 *
 * @param path Path inside the folder, with `/`.
 */
export function inCompanion(path: string): boolean {
  const name = path.split("/").at(-1)!;
  return !/^\.|\.md$/i.test(name) && !OTHER_WEIGHTS.test(name) && !OTHER_GRAPHS.test(name);
}

/**
 * ONNX Runtime's own operators that only its CUDA provider computes: the WebAssembly and WebGPU
 * providers of onnxruntime-web 1.30 refuse them.
 */
const CUDA_ONLY = ["NhwcConv", "GroupNorm", "SkipGroupNorm", "PackedMultiHeadAttention"];

/**
 * Refuses a graph that was optimised for CUDA: its fused operators run nowhere else, and none of them
 * can be differentiated.
 *
 * @param name The graph's name in messages.
 * @throws {UserError} The graph has such an operator.
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
