import assert from "node:assert/strict";
import { inLayout, NEEDED_FILES } from "./layout.ts";

Deno.test("inLayout() takes graphs with their weights, and configurations", () => {
  const paths = [
    ...NEEDED_FILES,
    "tokenizer/vocab.json",
    "unet/weights.pb",
    "unet/model.onnx_data",
    "unet/model.onnx.data",
    "unet/onnx__MatMul_1234",
    "unet/unet.onnx.data",
    "vae/config.json",
  ];
  for (const path of paths) assert.ok(inLayout(path), path);
});

Deno.test("inLayout() leaves out what this project has no use for", () => {
  const paths = [
    "README.md",
    "feature_extractor/preprocessor_config.json",
    "safety_checker/model.onnx",
    "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.fp16.bin",
    "unet/diffusion_flax_model.msgpack",
    "text_encoder/pytorch_model.bin",
    "unet/openvino_model.xml",
    "unet/model_fp16.onnx",
    "unet/model_fp16.onnx_data",
    "unet/model_quantized.onnx",
    "unet/unet.onnx",
  ];
  for (const path of paths) assert.ok(!inLayout(path), path);
});
