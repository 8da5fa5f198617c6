import assert from "node:assert/strict";
import { conformance, type Outcome, type Result } from "./conformance.ts";
import { cpuRunner } from "./runner.ts";

const SAMPLE = new URL("../fixtures/conformance.safetensors", import.meta.url);

Deno.test("of a sample of ONNX's node tests none is wrong and none crashes", async () => {
  const ends = new Map<Outcome, Result[]>();
  for await (const result of conformance(SAMPLE, await cpuRunner())) {
    ends.getOrInsertComputed(result.outcome, () => []).push(result);
  }
  assert.deepEqual(ends.get("wrong") ?? [], []);
  assert.deepEqual(ends.get("crashed") ?? [], []);
  const right = ends.get("right")!.length;
  assert(right >= 89, `${right} right, refused: ${ends.get("refused")!.map(({ test }) => test)}`);
});
