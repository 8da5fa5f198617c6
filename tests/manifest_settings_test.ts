/**
 * Do the settings of every manifest move a mask? A step size that is too small leaves the blurred
 * starting noise, and only a run on the real weights would show it. So a synthetic loss stands for
 * the model's, with a gradient as large as the model's is:
 *
 * - The latents' cotangent is z̄ = w(t)·g·r. The residual r = ε_c − ε_u is taken to have unit variance
 *   at each place of each of the 4 latent channels; w = 1 − ᾱ_t is ½ on average; g is the guidance.
 * - The encoder's Jacobian: `scaling_factor` makes latents of unit variance out of natural images,
 *   whose local means have a standard deviation of about ¼ on the scale 0..1. A latent therefore
 *   moves by 4 when the mean of its f×f×3 values moves by 1, so that ∂z/∂x̂ is ±4/(3f²) per value.
 * - The 4 channels add as independent numbers: x̂̄ has a standard deviation of 2·4/(3f²)·g/2, the
 *   same sign in a whole patch of f×f. With f = 8 and g = 100 that is 2.1.
 *
 * CLIP's logit, of scale 100, changes by about 10 from one image to another, whose values differ by
 * ¼ in a direction that the gradient follows in each of 3M² values: 10/(¼·3M²).
 *
 * A network's weight sums the gradients of all pixels. For the Fourier variants, a 16th of the pixels
 * with 16 times the gradient, and 16 λ, is therefore the same, in a 16th of the time.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createParametrization } from "../src/parametrization/create_parametrization.ts";
import { createRegularizer } from "../src/parametrization/regularizer.ts";
import { createCpuBackend } from "../src/backend/cpu.ts";
import { normal, STREAMS, uniform } from "../src/backend/random.ts";
import { TensorScope } from "../src/backend/tensor_scope.ts";
import { seededDraws } from "../src/diffusion/draws.ts";
import { Compositor } from "../src/image/compositor.ts";
import { judgeMask } from "../src/mask/verdict.ts";
import { GENERIC_DEFAULTS, MODELS } from "../src/catalog/models.ts";
import { createOptimizer } from "../src/optimize/optimizer.ts";
import { resolveSettings, type Settings } from "../src/settings/settings.ts";
import { LOSSES, VARIANTS } from "../src/settings/table.ts";
import { type Loss, step } from "../src/step.ts";

/** f, pixels per latent of Stable Diffusion along each axis. */
const FACTOR = 8;
/** The Fourier variants have this many times fewer rows and columns here. */
const COARSER = 4;
/** Iterations here, of the hundreds in a manifest. */
const ITERATIONS = 10;

/** A loss whose gradient is the same in every iteration: some patches want to be seen, others not. */
function syntheticLoss(
  scope: TensorScope,
  { loss, guidanceScale }: Settings,
  modelSize: number,
  coarser: number,
): Loss {
  const factor = FACTOR / coarser;
  const deviation = loss === "clip"
    ? 10 / (0.25 * 3 * modelSize ** 2)
    : coarser ** 2 * 2 * 4 / (3 * FACTOR ** 2) * guidanceScale / 2;
  const patches = modelSize / factor;
  const result = new Float32Array(3 * patches ** 2);
  normal.twin({ result }, { count: result.length, seed: 1, stream: STREAMS.noise, counter: 0 });
  const cotangent = Float32Array.from({ length: 3 * modelSize ** 2 }, (_, i) => {
    const [x, y] = [i % modelSize, Math.floor(i / modelSize) % modelSize];
    const channel = Math.floor(i / modelSize ** 2);
    const patch = Math.floor(y / factor) * patches + Math.floor(x / factor);
    return deviation * result[channel * patches ** 2 + patch];
  });
  const imageCotangent = scope.tensor([1, 3, modelSize, modelSize], cotangent);
  return { imageCotangent, evaluate: () => Promise.resolve(), [Symbol.dispose]: () => {} };
}

/** The largest change of α, and what is said of it, after a few iterations. */
async function move(settings: Settings, imageSize: number) {
  const coarser = settings.variant.startsWith("fourier") ? COARSER : 1;
  const [alphaSize, modelSize] = [settings.alphaSize / coarser, imageSize / coarser];
  const lambda = settings.lambda * coarser ** 2;
  await using backend = await createCpuBackend();
  using scope = new TensorScope(backend);
  const pixels = new Float32Array(3 * alphaSize ** 2);
  uniform.twin({ result: pixels }, { count: pixels.length, seed: 2, stream: 0, counter: 0 });
  const image = scope.tensor([3, alphaSize, alphaSize], pixels);
  const parametrization = scope.use(
    await createParametrization(backend, settings, { guide: image, prompts: 1 }),
  );
  const stages = {
    parametrization,
    compositor: scope.use(new Compositor(backend, image, { prompts: 1, alphaSize, modelSize })),
    loss: syntheticLoss(scope, settings, modelSize, coarser),
    regularizer: createRegularizer(backend, { ...settings, lambda }),
    optimizer: scope.use(createOptimizer(backend, parametrization.parameters, settings)),
  };
  const draws = seededDraws(backend, settings);
  const alpha = async () => {
    await parametrization.forward();
    return await backend.read(parametrization.alpha);
  };
  const before = await alpha();
  for (let i = 0; i < ITERATIONS; i++) await step(stages, draws, i);
  const now = await alpha();
  const change = now.reduce((most, value, i) => Math.max(most, Math.abs(value - before[i])), 0);
  return { change, verdict: judgeMask({ before, now, threshold: 0.5 }) };
}

/** Settings of several manifests that are the same are tried once. */
const tried = new Map<string, ReturnType<typeof move>>();

const makeMasks = MODELS.filter(({ kind }) => kind === "text-to-image");

for (const { id, imageSize = 512, defaults = GENERIC_DEFAULTS } of makeMasks) {
  for (const loss of LOSSES) {
    for (const variant of VARIANTS.filter((variant) => variant !== "depth-bilateral")) {
      Deno.test(`the settings of ${id} move a mask: ${variant}, ${loss}`, async () => {
        const settings = resolveSettings(defaults, { variant, loss }, 1000);
        assert.ok(settings.iterations >= ITERATIONS);
        const key = JSON.stringify([settings, imageSize]);
        const moving = tried.get(key) ?? move(settings, imageSize);
        tried.set(key, moving);
        const { change, verdict } = await moving;
        assert.ok(change > 0.1, `${settings.optimizer} ${settings.learningRate}: ${change}`);
        assert.equal(verdict, "ok");
      });
    }
  }
}

Deno.test("a step size of 1e-5 for pixels, as the manifests once had it, moves nothing", async () => {
  const overrides = { variant: "raster", learningRate: 1e-5 } as const;
  const { change, verdict } = await move(resolveSettings(GENERIC_DEFAULTS, overrides, 1000), 512);
  assert.ok(change < 0.01, `${change}`);
  assert.equal(verdict, "unmoved");
});
