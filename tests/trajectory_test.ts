import assert from "node:assert/strict";
import { loadModelOn } from "../src/models/load_model.ts";
import { openModel } from "../src/models/open_model.ts";
import { embedTexts } from "../src/prompt/embed.ts";
import { resolveSettings } from "../src/settings/settings.ts";
import { VARIANTS } from "../src/settings/table.ts";
import { createStages } from "../src/stages.ts";
import { step } from "../src/step.ts";
import { testOnBackends } from "./backends.ts";
import { comparisons, floats, readTrajectory, recorded } from "./golden_trajectory.ts";
import { assertClose } from "./vectors.ts";

for (const variant of VARIANTS) {
  testOnBackends(`the loop follows the golden trajectory: ${variant}`, async (backend) => {
    const { prompt, overrides, tensors } = readTrajectory(variant);
    await using model = await loadModelOn(backend, await openModel("emoji"));
    const timesteps = model.noiseSchedule.alphasCumprod.length;
    const settings = resolveSettings(model.defaults, overrides, timesteps);
    assert.equal(settings.variant, variant);

    // The project's own text encoder must agree with the reference's embeddings.
    const { data, shape } = await embedTexts(model, ["", prompt]);
    assert.deepEqual(shape, tensors.embeddings.shape);
    assertClose(data, floats(tensors.embeddings), 1e-4, "embeddings");

    using stages = await createStages(model, {
      pixels: floats(tensors.image),
      embeddings: { data: floats(tensors.embeddings), shape },
      settings,
      theta: tensors.theta0 && floats(tensors.theta0),
      depth: tensors.depth && floats(tensors.depth),
    });
    const { loss, parametrization } = stages;
    const draws = recorded(backend, tensors);
    const golden = comparisons(backend, tensors, settings.optimizer);
    const gradients = tensors.theta_bar ? "theta_bar" : "phi_bar_norm";
    for (let i = 0; i < settings.iterations; i++) {
      await step(stages, draws, i);
      await golden.latents(loss, i);
      await golden.gradients(parametrization.parameters, gradients, i);
      await parametrization.forward();
      await golden.values(parametrization.alpha, "alpha", i + 1);
    }
  });
}
