import assert from "node:assert/strict";
import { fc } from "../../tests/autodiff/cases/arbitrary.ts";
import { elementwise } from "../../tests/autodiff/cases/elementwise.ts";
import { network } from "../../tests/autodiff/cases/network.ts";
import { reduce } from "../../tests/autodiff/cases/reduce.ts";
import { shape } from "../../tests/autodiff/cases/shape.ts";
import { signal } from "../../tests/autodiff/cases/signal.ts";
import { checkCase, compareCase, differentiate } from "../../tests/autodiff/op_case.ts";
import { cpuRunner, webgpuRunner } from "../../tests/autodiff/runner.ts";
import { noAdapter } from "../../tests/backends.ts";
import { refusal } from "../../tests/refusal.ts";
import { pinned } from "../../tests/fast_check.ts";
import { LOWERINGS } from "./lower.ts";
import { RULES } from "./rules.ts";

/** Seed of the uses that are tried in every run. */
const SEED = 20;

const CASES = { ...elementwise, ...reduce, ...shape, ...network, ...signal };

Deno.test("every differentiable operator has a property test", () => {
  const operators = new Set([...Object.keys(RULES), ...Object.keys(LOWERINGS)]);
  assert.deepEqual(Object.keys(CASES).sort(), [...operators].sort());
});

Deno.test("a node with an attribute that its rule does not know is refused by name", () => {
  for (const [op, uses] of Object.entries(CASES)) {
    const [use] = fc.sample(uses, { seed: SEED, numRuns: 1 });
    const attributes = { ...use.attributes, unheard_of: 1 };
    assert.throws(
      () => differentiate({ ...use, attributes }),
      refusal(
        new RegExp(`^Cannot differentiate ${op} node ".*": its attribute "unheard_of" is unk`),
      ),
    );
  }
});

Deno.test("rules agree with central differences", async (t) => {
  const runner = await cpuRunner();
  for (const [op, uses] of Object.entries(CASES)) {
    await t.step(op, async () => {
      const property = fc.asyncProperty(uses, (use) => checkCase(runner, use));
      await fc.assert(property, { numRuns: 25, examples: pinned(uses, SEED, 5) });
    });
  }
});

Deno.test({
  name: "rules give on webgpu what they give on cpu",
  ignore: noAdapter,
  async fn(t) {
    const cpu = await cpuRunner();
    using gpu = await webgpuRunner();
    for (const [op, uses] of Object.entries(CASES)) {
      await t.step({
        name: op,
        // The provider has no float64.
        ignore: op === "Cast",
        async fn() {
          const property = fc.asyncProperty(uses, (use) => compareCase(cpu, gpu, use));
          await fc.assert(property, { numRuns: 3, examples: pinned(uses, SEED, 1) });
        },
      });
    }
  },
});
