import assert from "node:assert/strict";
import { assertClose } from "../../tests/vectors.ts";
import type { Parameter } from "../parametrization/parametrization.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { createOptimizer, type OptimizerSettings } from "./optimizer.ts";

/** Two parameters, of two sizes, so that their states can be mixed up. */
const INITIAL = [[1, -2, 0.5], [0.25, -0.75]];
const GRADIENTS = [
  [[0.5, -1, 2], [3, 0.01]],
  [[0.25, 3, -1], [-2, 0.02]],
  [[-0.75, 0, 0.001], [1, -0.5]],
];

// torch.optim.SGD(…, momentum=…) and Adam in float64, after each step.
const CASES: readonly (OptimizerSettings & { steps: number[][][] })[] = [
  {
    optimizer: "sgd",
    learningRate: 0.1,
    momentum: 0.9,
    steps: [[[0.95, -1.9, 0.3], [-0.05, -0.751]], [[0.88, -2.11, 0.22], [-0.12, -0.7539]], [[
      0.892,
      -2.299,
      0.1479,
    ], [-0.283, -0.70651]]],
  },
  {
    optimizer: "sgd",
    learningRate: 0.1,
    momentum: 0,
    steps: [[[0.95, -1.9, 0.3], [-0.05, -0.751]], [[0.925, -2.2, 0.4], [0.15, -0.753]], [[
      1.0,
      -2.2,
      0.3999,
    ], [0.05, -0.703]]],
  },
  {
    optimizer: "adam",
    learningRate: 0.1,
    momentum: 0,
    steps: [[[0.900000002, -1.900000001, 0.400000001], [0.15, -0.8499999]], [[
      0.80678204,
      -1.949418984,
      0.373366297,
    ], [0.135547947, -0.946518042]], [[0.81497972, -1.987620001, 0.352749774], [
      0.107697056,
      -0.886031674,
    ]]],
  },
];

for (const { steps, ...settings } of CASES) {
  const { optimizer, momentum, learningRate } = settings;
  Deno.test(`${optimizer} with η ${learningRate} and momentum ${momentum} steps as PyTorch's does`, async () => {
    await using backend = await createCpuBackend({ threads: 1 });
    using stack = new DisposableStack();
    const parameters: Parameter[] = INITIAL.map((values) => ({
      value: stack.use(backend.tensor([values.length], Float32Array.from(values))),
      cotangent: stack.use(backend.tensor([values.length])),
    }));
    const tensors = backend.liveTensors;
    {
      using stepper = createOptimizer(backend, parameters, settings);
      for (const [k, gradients] of GRADIENTS.entries()) {
        parameters.forEach(({ cotangent }, p) =>
          backend.write(cotangent, Float32Array.from(gradients[p]))
        );
        stepper.step();
        for (const [p, { value }] of parameters.entries()) {
          assertClose(await backend.read(value), steps[k][p], 1e-6);
        }
      }
    }
    assert.equal(backend.liveTensors, tensors);
  });
}
