import { sgd } from "./sgd.ts";
import { assertClose } from "../../tests/vectors.ts";

const GRADIENTS = [[0.5, -1, 2], [0.25, 3, -1], [-0.75, 0, 0.001]];

// torch.optim.SGD([1, −2, 0.5], lr=0.1, momentum=…) after each gradient.
const PYTORCH = [
  { momentum: 0.9, steps: [[0.95, -1.9, 0.3], [0.88, -2.11, 0.22], [0.892, -2.299, 0.1479]] },
  { momentum: 0, steps: [[0.95, -1.9, 0.3], [0.925, -2.2, 0.4], [1, -2.2, 0.3999]] },
];

for (const { momentum, steps } of PYTORCH) {
  Deno.test(`sgd with momentum ${momentum} agrees with PyTorch`, () => {
    const parameters = new Float32Array([1, -2, 0.5]), velocity = new Float32Array(3);
    GRADIENTS.forEach((values, k) => {
      const gradient = Float32Array.from(values);
      const uniforms = { count: 3, learningRate: 0.1, momentum };
      sgd.twin({ parameters, gradient, velocity }, uniforms);
      assertClose(parameters, steps[k], 1e-6);
    });
  });
}
