import assert from "node:assert/strict";
import type { Backend } from "../src/backend/backend.ts";
import { ScoreDistillation } from "../src/diffusion/score_distillation.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { openModel } from "../src/models/open_model.ts";
import { embedTexts } from "../src/prompt/embed.ts";
import { resolveSettings } from "../src/settings/settings.ts";
import { VARIANTS } from "../src/settings/table.ts";
import { createStages } from "../src/stages.ts";
import { step } from "../src/step.ts";
import { testOnBackends } from "./backends.ts";
import {
  ADAM_TOLERANCE,
  assertClose,
  assertRelativelyClose,
  floats,
  recorded,
  RELATIVE_TOLERANCE,
  row,
  TOLERANCE,
} from "./golden_values.ts";
import { readSafetensors } from "./safetensors.ts";

for (const variant of VARIANTS) {
  testOnBackends(`the loop follows the golden trajectory: ${variant}`, async (backend) => {
    const url = new URL(`./golden/trajectory/${variant}.safetensors`, import.meta.url);
    const { metadata, tensors } = readSafetensors(url);
    await using model = await loadModelOn(backend, await openModel("emoji"));
    const settings = resolveSettings(
      model.defaults,
      JSON.parse(metadata.settings),
      model.noiseSchedule.alphasCumprod.length,
    );
    assert.equal(settings.variant, variant);

    // The project's own text encoder must agree with the reference's embeddings.
    const embeddings = await embedTexts(model, ["", metadata.prompt]);
    assert.deepEqual(embeddings.shape, tensors.embeddings.shape);
    assertClose(embeddings.data, floats(tensors.embeddings), 1e-4, "embeddings");

    using stages = await createStages(model, {
      pixels: floats(tensors.image),
      embeddings: { data: floats(tensors.embeddings), shape: embeddings.shape },
      settings,
      theta: tensors.theta0 && floats(tensors.theta0),
      depth: tensors.depth && floats(tensors.depth),
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
  });
}
