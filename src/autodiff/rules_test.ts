import assert from "node:assert/strict";
import { fc } from "../../tests/autodiff/cases/arbitrary.ts";
import { elementwise } from "../../tests/autodiff/cases/elementwise.ts";
import { network } from "../../tests/autodiff/cases/network.ts";
import { reduce } from "../../tests/autodiff/cases/reduce.ts";
import { shape } from "../../tests/autodiff/cases/shape.ts";
import { LOWERINGS } from "./lowerings.ts";
import { checkCase, compareCase } from "../../tests/autodiff/op_case.ts";
import { RULES } from "./rules.ts";
import { cpuRunner, webgpuRunner } from "../../tests/autodiff/runner.ts";

const CASES = { ...elementwise, ...reduce, ...shape, ...network };

Deno.test("every differentiable operator has a property test", () => {
  const operators = new Set([...Object.keys(RULES), ...Object.keys(LOWERINGS)]);
  assert.deepEqual(Object.keys(CASES).sort(), [...operators].sort());
});

Deno.test("rules agree with central differences", async (t) => {
  const runner = await cpuRunner();
  for (const [op, uses] of Object.entries(CASES)) {
    await t.step(op, async () => {
      const property = fc.asyncProperty(uses, (use) => checkCase(runner, use));
      await fc.assert(property, { seed: 20, numRuns: 25 });
    });
  }
});

Deno.test("rules give on webgpu what they give on cpu", async (t) => {
  const cpu = await cpuRunner();
  using gpu = await webgpuRunner();
  if (!gpu) return;
  for (const [op, uses] of Object.entries(CASES)) {
    // The provider has no float64.
    if (op === "Cast") continue;
    await t.step(op, async () => {
      const property = fc.asyncProperty(uses, (use) => compareCase(cpu, gpu, use));
      await fc.assert(property, { seed: 20, numRuns: 3 });
    });
  }
});
