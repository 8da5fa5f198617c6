import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { createCpuBackend } from "./cpu.ts";

Deno.test("threads are a whole number from 1", async () => {
  for (const threads of [0, -3, 1.5, NaN, Infinity]) {
    await assert.rejects(createCpuBackend({ threads }), refusal(/^Invalid threads .* from 1$/));
  }
});

Deno.test("the first count of threads holds for the process, and the description says so", async () => {
  await using first = await createCpuBackend({ threads: 2 });
  await using second = await createCpuBackend({ threads: 1 });
  assert.equal(first.description, "WebAssembly, 2 threads");
  assert.equal(second.description, "WebAssembly, 2 threads");
});
