import assert from "node:assert/strict";
import { cpuRunner, type Runner, runVjp, webgpuRunner } from "../../tests/autodiff/runner.ts";
import { relativeError } from "../../tests/vectors.ts";
import { noAdapter } from "../../tests/backends.ts";
import { readSafetensors } from "../../tests/safetensors.ts";
import { cutRandomness } from "../onnx/cut_randomness.ts";
import { graphOf, readModel } from "../onnx/model.ts";
import { sizeOf } from "../onnx/value.ts";
import { vjp } from "./vjp.ts";

const FIXTURES = new URL("../../tests/fixtures/vjp/", import.meta.url);
const TOLERANCE = 1e-4;

const names = Object.keys(JSON.parse(Deno.readTextFileSync(new URL("index.json", FIXTURES))));

/** Differentiates a fixture and compares output and input cotangent with float64 autograd. */
async function check(name: string, runner: Runner): Promise<void> {
  const { tensors: { x, y, y_bar, x_bar } } = readSafetensors(
    new URL(`${name}.golden.safetensors`, FIXTURES),
  );
  const bytes = await Deno.readFile(new URL(`${name}.onnx`, FIXTURES));
  const model = readModel(bytes, name);
  const [input, output] = [graphOf(model).input[0].name, graphOf(model).output[0].name];
  // Sampling in the graph becomes an input; zeros give the posterior mean.
  const cut = cutRandomness(model, { [input]: x.shape });
  const zeros = cut.inputs.map(({ name, shape }) => [
    name,
    { shape, data: new Float32Array(sizeOf(shape)) },
  ]);
  const result = vjp(cut.model, { of: output, wrt: [input], shapes: { [input]: x.shape } });
  const outputs = await runVjp(runner, result, { ...Object.fromEntries(zeros), [input]: x }, {
    [`${output}_cotangent`]: y_bar,
  });
  const errors = [
    relativeError(outputs[output].data, y.data),
    relativeError(outputs[`${input}_cotangent`].data, x_bar.data),
  ];
  assert.ok(errors.every((error) => error <= TOLERANCE), `relative errors ${errors}`);
}

Deno.test("vjp() gives the gradients of exported encoders on cpu", async (t) => {
  const runner = await cpuRunner();
  for (const name of names) await t.step(name, () => check(name, runner));
});

Deno.test({
  name: "vjp() gives the gradients of exported encoders on webgpu",
  ignore: noAdapter,
  async fn(t) {
    using runner = await webgpuRunner();
    for (const name of names) await t.step(name, () => check(name, runner));
  },
});
