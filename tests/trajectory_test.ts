import assert from "node:assert/strict";
import type { Backend } from "../src/backend/backend.ts";
import type { Draws } from "../src/diffusion/draws.ts";
import { ScoreDistillation } from "../src/diffusion/score_distillation.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { openModel } from "../src/models/open_model.ts";
import { resolveSettings, VARIANTS } from "../src/settings.ts";
import { createStages } from "../src/stages.ts";
import { step } from "../src/step.ts";
import { backends } from "./backends.ts";
import { type FixtureTensor, readSafetensors } from "./safetensors.ts";

/** Largest difference of α, by device: the reference is float64. */
const TOLERANCE = { cpu: 1e-4, webgpu: 1e-3 };

/**
 * The same after Adam, whose first steps have a gradient's sign: where the gradient is nearly 0, what
 * 32 bits lose is a whole step.
 */
const ADAM_TOLERANCE = 1e-3;

/**
 * Largest error of a cotangent in the norm, as a part of its own norm. Guidance multiplies what
 * float32 loses in the U-Net.
 */
const RELATIVE_TOLERANCE = { cpu: 3e-4, webgpu: 1e-3 };

for (const variant of VARIANTS) {
  Deno.test(`the loop follows the golden trajectory: ${variant}`, async () => {
    const url = new URL(`./golden/trajectory/${variant}.safetensors`, import.meta.url);
    const { metadata, tensors } = readSafetensors(url);
    for (const backend of await backends()) {
      await using model = await loadModelOn(backend, await openModel("emoji-64"));
      const settings = resolveSettings(
        model.defaults,
        JSON.parse(metadata.settings),
        model.scheduler.alphasCumprod.length,
      );
      assert.equal(settings.variant, variant);

      // The project's own text encoder must agree with the reference's embeddings.
      const embeddings = await model.embed([metadata.prompt]);
      assert.deepEqual(embeddings.shape, tensors.embeddings.shape);
      assertClose(embeddings.data, floats(tensors.embeddings), 1e-4, "embeddings");

      using stages = await createStages(model, {
        picture: floats(tensors.image),
        embeddings: { data: floats(tensors.embeddings), shape: embeddings.shape },
        settings,
        theta: tensors.theta0 && floats(tensors.theta0),
      });
      const { loss } = stages;
      assert(loss instanceof ScoreDistillation);
      const draws = recorded(backend, tensors);
      const tolerance = settings.optimizer === "adam" ? ADAM_TOLERANCE : TOLERANCE[backend.device];
      for (let i = 0; i < settings.iterations; i++) {
        await step(stages, draws, i);
        const name = `${backend.device}, iteration ${i}`;
        const read = async (tensor: Parameters<Backend["read"]>[0]) => await backend.read(tensor);
        assertClose(
          await read(loss.encoder.latents),
          row(tensors.z, i),
          10 * tolerance,
          `z, ${name}`,
        );
        assertRelativelyClose(
          await read(loss.denoiser.latentCotangent),
          row(tensors.z_bar, i),
          RELATIVE_TOLERANCE[backend.device],
          `z̄, ${name}`,
        );
        const cotangents = await Promise.all(
          stages.parametrization.parameters.map(({ cotangent }) => read(cotangent)),
        );
        if (tensors.theta_bar) {
          assertRelativelyClose(
            cotangents[0],
            row(tensors.theta_bar, i),
            RELATIVE_TOLERANCE[backend.device],
            `θ̄, ${name}`,
          );
        } else {
          assertRelativelyClose(
            Float32Array.from(cotangents, (cotangent) => Math.hypot(...cotangent)),
            row(tensors.phi_bar_norm, i),
            RELATIVE_TOLERANCE[backend.device],
            `‖φ̄‖, ${name}`,
          );
        }
        await stages.parametrization.forward();
        assertClose(
          await read(stages.parametrization.alpha),
          row(tensors.alpha, i + 1),
          tolerance,
          `α, ${name}`,
        );
      }
    }
  });
}

/** The reference's draws instead of the generator's. */
function recorded(
  backend: Backend,
  { timestep, background, noise }: Record<string, FixtureTensor>,
): Draws {
  return {
    timestep: (i) => timestep.data[i],
    background: (i) => {
      const [red, green, blue] = row(background, i);
      return [red, green, blue];
    },
    noise: (i, tensor) => backend.write(tensor, row(noise, i)),
    posterior: () => assert.fail("the trajectory uses the posterior's mean"),
  };
}

function floats({ data }: FixtureTensor): Float32Array<ArrayBuffer> {
  assert(data instanceof Float32Array);
  return data;
}

function row(tensor: FixtureTensor, i: number): Float32Array {
  const size = tensor.data.length / tensor.shape[0];
  return floats(tensor).slice(i * size, (i + 1) * size);
}

function assertClose(actual: Float32Array, wanted: Float32Array, tolerance: number, what: string) {
  assert.equal(actual.length, wanted.length, what);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(actual[i] - wanted[i]));
  assert(worst <= tolerance, `${what}: differs by ${worst}, allowed ${tolerance}`);
}

function assertRelativelyClose(
  actual: Float32Array,
  wanted: Float32Array,
  tolerance: number,
  what: string,
) {
  assert.equal(actual.length, wanted.length, what);
  const error = Math.hypot(...actual.map((value, i) => value - wanted[i])) / Math.hypot(...wanted);
  assert(error <= tolerance, `${what}: relative error ${error}, allowed ${tolerance}`);
}
