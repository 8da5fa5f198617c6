/**
 * Files of a model's folder in the diffusers ONNX layout; `models/README.md` says what is in them.
 *
 * @module
 */

/** Files a text-to-image model cannot do without. */
export const NEEDED_FILES: readonly string[] = [
  "model_index.json",
  "text_encoder/model.onnx",
  "unet/model.onnx",
  "vae_encoder/model.onnx",
  "scheduler/scheduler_config.json",
];

/** Folders of a diffusers model that belong to it as this project uses it. */
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
 * Whether a file is part of a model as this project uses it: read-me files, safety checkers, weights
 * for other runtimes and other precisions are not.
 *
 * @param path Inside the model's folder, with `/`.
 *
 * @example
 * ```ts
 * import { inLayout } from "./layout.ts";
 *
 * console.assert(inLayout("unet/model.onnx") && inLayout("unet/weights.pb"));
 * console.assert(!inLayout("README.md") && !inLayout("unet/diffusion_pytorch_model.bin"));
 * ```
 */
export function inLayout(path: string): boolean {
  if (path === "model_index.json") return true;
  const [part, name = ""] = [path.slice(0, path.indexOf("/")), path.split("/").at(-1)];
  return PARTS.includes(part) && !OTHER_WEIGHTS.test(name) && !OTHER_GRAPHS.test(name);
}

/**
 * Whether a file is part of a depth network's or CLIP's own folder, which has no parts: read-me files,
 * weights for other runtimes and other precisions are not.
 *
 * @param path Inside the folder, with `/`.
 *
 * @example
 * ```ts
 * import { inCompanion } from "./layout.ts";
 *
 * console.assert(inCompanion("onnx/vision_model.onnx") && inCompanion("config.json"));
 * console.assert(!inCompanion("README.md") && !inCompanion("onnx/vision_model_fp16.onnx"));
 * ```
 */
export function inCompanion(path: string): boolean {
  const name = path.split("/").at(-1)!;
  return !/^\.|\.md$/i.test(name) && !OTHER_WEIGHTS.test(name) && !OTHER_GRAPHS.test(name);
}
