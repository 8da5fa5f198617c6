import assert from "node:assert/strict";
import type { Tensor } from "../src/backend/backend.ts";
import { ScoreDistillation } from "../src/diffusion/score_distillation.ts";
import { createLayerStages } from "../src/optimize_layers.ts";
import { resolveGenerateSettings } from "../src/settings/generate_settings.ts";
import { IMAGE_PARAMS } from "../src/settings/table.ts";
import { Compositor } from "../src/image/compositor.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { openModel } from "../src/models/open_model.ts";
import { embedTexts } from "../src/prompt/embed.ts";
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

for (const imageParam of IMAGE_PARAMS) {
  testOnBackends(`generate follows the golden trajectory: ${imageParam}`, async (backend) => {
    const url = new URL(`./golden/trajectory/generate-${imageParam}.safetensors`, import.meta.url);
    const { metadata, tensors } = readSafetensors(url);
    await using model = await loadModelOn(backend, await openModel("emoji"));
    const settings = resolveGenerateSettings(
      model.defaults,
      JSON.parse(metadata.settings),
      model.noiseSchedule.alphasCumprod.length,
    );
    assert.equal(settings.imageParam, imageParam);
    const embeddings = await embedTexts(model, ["", metadata.prompt]);
    assertClose(embeddings.data, floats(tensors.embeddings), 1e-4, "embeddings");

    using stages = await createLayerStages(model, {
      embeddings: { data: floats(tensors.embeddings), shape: embeddings.shape },
      settings,
      masks: 1,
      images: 1,
      compositor: (images, modelSize) => {
        const sizes = { prompts: 1, alphaSize: settings.size, modelSize, ownImages: true };
        return new Compositor(backend, images, sizes);
      },
    });
    const { loss, parametrization, images } = stages;
    assert(loss instanceof ScoreDistillation);
    const draws = recorded(backend, tensors);
    const tolerance = settings.optimizer === "adam" ? ADAM_TOLERANCE : TOLERANCE[backend.device];
    const relative = RELATIVE_TOLERANCE[backend.device];
    const read = async (tensor: Tensor) => await backend.read(tensor);
    const close = async (at: number) => {
      const name = `${backend.device}, after ${at} iterations`;
      await parametrization.forward();
      await images.forward();
      assertClose(
        await read(parametrization.alpha),
        row(tensors.alpha, at),
        tolerance,
        `α ${name}`,
      );
      assertClose(await read(images.values), row(tensors.picture, at), tolerance, `F ${name}`);
    };
    await close(0);
    for (let i = 0; i < settings.iterations; i++) {
      await step(stages, draws, i);
      const name = `${backend.device}, iteration ${i}`;
      assertClose(
        await read(loss.encoder.latents),
        row(tensors.z, i),
        10 * tolerance,
        `z, ${name}`,
      );
      assertRelativelyClose(
        await read(loss.denoiser.latentCotangent),
        row(tensors.z_bar, i),
        relative,
        `z̄, ${name}`,
      );
      for (
        const [{ parameters }, wanted] of [
          [parametrization, tensors.alpha_bar_norm],
          [images, tensors.picture_bar_norm],
        ] as const
      ) {
        const cotangents = await Promise.all(parameters.map(({ cotangent }) => read(cotangent)));
        const norms = Float32Array.from(cotangents, (values) => Math.hypot(...values));
        assertRelativelyClose(norms, row(wanted, i), relative, `gradients, ${name}`);
      }
      await close(i + 1);
    }
  });
}
