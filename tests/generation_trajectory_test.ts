import assert from "node:assert/strict";
import { Compositor } from "../src/image/compositor.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { openModel } from "../src/models/open_model.ts";
import { embedTexts } from "../src/prompt/embed.ts";
import { createLayerStages } from "../src/optimize_layers.ts";
import { resolveGenerateSettings } from "../src/settings/generate_settings.ts";
import { IMAGE_PARAMS } from "../src/settings/table.ts";
import { step } from "../src/step.ts";
import { testOnBackends } from "./backends.ts";
import { comparisons, floats, readTrajectory, recorded } from "./golden_trajectory.ts";
import { assertClose } from "./vectors.ts";

for (const imageParam of IMAGE_PARAMS) {
  testOnBackends(`generate follows the golden trajectory: ${imageParam}`, async (backend) => {
    const { prompt, overrides, tensors } = readTrajectory(`generate-${imageParam}`);
    await using model = await loadModelOn(backend, await openModel("emoji"));
    const timesteps = model.noiseSchedule.alphasCumprod.length;
    const settings = resolveGenerateSettings(model.defaults, overrides, timesteps);
    assert.equal(settings.imageParam, imageParam);
    const { data, shape } = await embedTexts(model, ["", prompt]);
    assertClose(data, floats(tensors.embeddings), 1e-4, "embeddings");

    using stages = await createLayerStages(model, {
      embeddings: { data: floats(tensors.embeddings), shape },
      settings,
      masks: 1,
      images: 1,
      compositor: (images, modelSize) => {
        const sizes = { prompts: 1, alphaSize: settings.size, modelSize, ownImages: true };
        return new Compositor(backend, images, sizes);
      },
    });
    const { loss, parametrization, images } = stages;
    const draws = recorded(backend, tensors);
    const golden = comparisons(backend, tensors, settings.optimizer);
    const compareLayers = async (iterations: number) => {
      await parametrization.forward();
      await images.forward();
      await golden.values(parametrization.alpha, "alpha", iterations);
      await golden.values(images.values, "picture", iterations);
    };
    await compareLayers(0);
    for (let i = 0; i < settings.iterations; i++) {
      await step(stages, draws, i);
      await golden.latents(loss, i);
      await golden.gradients(parametrization.parameters, "alpha_bar_norm", i);
      await golden.gradients(images.parameters, "picture_bar_norm", i);
      await compareLayers(i + 1);
    }
  });
}
