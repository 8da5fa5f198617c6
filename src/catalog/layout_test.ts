import assert from "node:assert/strict";
import { tinyOnnx } from "../../tests/hub/tiny_onnx.ts";
import { refusal } from "../../tests/refusal.ts";
import { readModel } from "../onnx/model.ts";
import { inCompanion, inLayout, NEEDED_FILES, refuseCudaOperators } from "./layout.ts";

Deno.test("inLayout() takes graphs with their weights, and configurations", () => {
  const paths = [
    ...NEEDED_FILES,
    "tokenizer/vocab.json",
    "unet/weights.pb",
    "unet/model.onnx_data",
    "unet/model.onnx.data",
    "unet/onnx__MatMul_1234",
    "unet/unet.onnx.data",
    "depth/model.onnx",
    "depth/preprocessor_config.json",
    "clip/config.json",
    "clip/text_model/model.onnx",
    "clip/vision_model.onnx",
    "vae/config.json",
  ];
  for (const path of paths) assert.ok(inLayout(path), path);
});

Deno.test("inLayout() leaves out files that this project does not use", () => {
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
    "clip/vision_model_fp16.onnx",
  ];
  for (const path of paths) assert.ok(!inLayout(path), path);
});

Deno.test("inCompanion() takes a network's own folder, but not files for other programs", () => {
  for (const path of ["model.onnx", "onnx/text_model.onnx", "merges.txt", "model.onnx_data"]) {
    assert.ok(inCompanion(path), path);
  }
  for (const path of ["README.md", ".gitattributes", "model.safetensors", "onnx/model_q4.onnx"]) {
    assert.ok(!inCompanion(path), path);
  }
});

const model = (opType: string, domain: string) => readModel(tinyOnnx({ opType, domain }));

Deno.test("refuseCudaOperators() names the operator that only CUDA computes", () => {
  for (const opType of ["NhwcConv", "GroupNorm"]) {
    assert.throws(
      () => refuseCudaOperators(model(opType, "com.microsoft"), "ada/dogs"),
      refusal(new RegExp(`^Cannot use "ada/dogs": its operator ${opType} is computed by .*CUDA`)),
    );
  }
});

Deno.test("refuseCudaOperators() takes fused operators that run elsewhere", () => {
  refuseCudaOperators(model("MultiHeadAttention", "com.microsoft"), "ada/dogs");
  refuseCudaOperators(model("GroupNorm", "my.own"), "ada/dogs");
});
