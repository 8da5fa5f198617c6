import { adam } from "./adam.ts";
import { assertClose } from "../../tests/vectors.ts";

const GRADIENTS = [[0.5, -1, 2], [0.25, 3, -1], [-0.75, 0, 0.001]];

// torch.optim.Adam([1, −2, 0.5], lr=0.1) after each gradient.
const PYTORCH = [
  [0.900000002, -1.900000001, 0.400000001],
  [0.80678204, -1.949418984, 0.373366297],
  [0.81497972, -1.987620001, 0.352749774],
];

Deno.test("adam agrees with PyTorch", () => {
  const parameters = new Float32Array([1, -2, 0.5]);
  const firstMoment = new Float32Array(3), secondMoment = new Float32Array(3);
  const beta1 = 0.9, beta2 = 0.999;
  GRADIENTS.forEach((values, k) => {
    adam.twin(
      { parameters, gradient: Float32Array.from(values), firstMoment, secondMoment },
      {
        count: 3,
        learningRate: 0.1,
        beta1,
        beta2,
        epsilon: 1e-8,
        correction1: 1 - beta1 ** (k + 1),
        correction2: 1 - beta2 ** (k + 1),
      },
    );
    assertClose(parameters, PYTORCH[k], 1e-6);
  });
});
