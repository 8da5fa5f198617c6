import type { Revisions } from "./answers.ts";
import { bytesOf } from "./stand_in.ts";
import { tinyOnnx } from "./tiny_onnx.ts";

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Files in the layout of a text-to-image model, which nobody computes, and others beside them. */
export function layoutFiles(seed: number): Revisions[string] {
  return {
    "README.md": json("not the model's"),
    "model_index.json": json({ seed }),
    "safety_checker/model.onnx": tinyOnnx({ weights: bytesOf(400, seed) }),
    "scheduler/scheduler_config.json": json({ beta_schedule: "scaled_linear" }),
    "text_encoder/model.onnx": tinyOnnx({ weights: bytesOf(300, seed + 1) }),
    "unet/model.onnx": tinyOnnx({ opType: "Conv" }),
    "unet/weights.pb": bytesOf(5000, seed + 2),
    "vae_encoder/model.onnx": tinyOnnx({ weights: bytesOf(310, seed + 3) }),
  };
}

/** Those of {@link layoutFiles} that belong to the model. */
export const MODEL_PATHS = [
  "model_index.json",
  "scheduler/scheduler_config.json",
  "text_encoder/model.onnx",
  "unet/model.onnx",
  "unet/weights.pb",
  "vae_encoder/model.onnx",
];
