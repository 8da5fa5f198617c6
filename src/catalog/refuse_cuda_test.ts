import assert from "node:assert/strict";
import { tinyOnnx } from "../../tests/hub/tiny_onnx.ts";
import { refusal } from "../../tests/refusal.ts";
import { readModel } from "../onnx/model.ts";
import { refuseCudaOperators } from "./refuse_cuda.ts";

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
