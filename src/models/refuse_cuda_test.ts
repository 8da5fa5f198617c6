import assert from "node:assert/strict";
import { graphOf, readModel } from "../onnx/model.ts";
import { tinyOnnx } from "../../tests/hub/tiny_onnx.ts";
import { refusal } from "../../tests/refusal.ts";
import { refuseCudaOperators } from "./refuse_cuda.ts";

const nodes = (opType: string, domain: string) =>
  graphOf(readModel(tinyOnnx({ opType, domain }))).node;

Deno.test("refuseCudaOperators() names the operator that only CUDA computes", async () => {
  for (const opType of ["NhwcConv", "GroupNorm"]) {
    await assert.rejects(
      refuseCudaOperators(nodes(opType, "com.microsoft"), "ada/dogs"),
      refusal(new RegExp(`^Cannot use "ada/dogs": its operator ${opType} is computed by .*CUDA`)),
    );
  }
});

Deno.test("refuseCudaOperators() takes fused operators that run elsewhere", async () => {
  await refuseCudaOperators(nodes("MultiHeadAttention", "com.microsoft"), "ada/dogs");
  await refuseCudaOperators(nodes("GroupNorm", "my.own"), "ada/dogs");
});
