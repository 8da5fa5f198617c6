import assert from "node:assert/strict";
import { ClipLoss } from "../src/clip/clip_loss.ts";
import { embedClipTexts } from "../src/clip/embed_texts.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { openClipModel } from "../src/models/open_clip.ts";
import { openModel } from "../src/models/open_model.ts";
import { resolveSettings } from "../src/settings/settings.ts";
import { createStages } from "../src/stages.ts";
import { step } from "../src/step.ts";
import { testOnBackends } from "./backends.ts";
import { fixturePath } from "./fixture_path.ts";
import { comparisons, floats, readTrajectory, recorded } from "./golden_trajectory.ts";
import { assertClose } from "./vectors.ts";

for (const name of ["clip", "clip-fourier"]) {
  testOnBackends(`the loop follows the golden trajectory: ${name}`, async (backend) => {
    const { prompt, overrides, tensors } = readTrajectory(name);
    await using model = await loadModelOn(backend, await openModel("emoji"), { loss: "clip" });
    const clip = await openClipModel(fixturePath("companions/clip"));
    const settings = resolveSettings(model.defaults, overrides, 1000);
    assert.equal(settings.loss, "clip");

    // The project's own text side must agree with the reference's embedding.
    const { data, shape } = await embedClipTexts(model, clip, [prompt]);
    const [texts, width] = tensors.embeddings.shape;
    assert.deepEqual(shape, [texts, 1, width]);
    assertClose(data, floats(tensors.embeddings), 1e-5, "embeddings");

    using stages = await createStages(model, {
      pixels: floats(tensors.image),
      embeddings: { data: floats(tensors.embeddings), shape },
      clip,
      settings,
      theta: tensors.theta0 && floats(tensors.theta0),
    });
    // Of all networks, CLIP's image encoder and a Fourier variant's own are loaded, each in halves.
    assert.equal(backend.liveSessions, settings.variant === "fourier" ? 4 : 2);
    const { loss, parametrization } = stages;
    assert(loss instanceof ClipLoss);
    // Nothing is random but the background.
    const draws = recorded(backend, { background: tensors.background });
    const golden = comparisons(backend, tensors, settings.optimizer);
    const gradients = tensors.theta_bar ? "theta_bar" : "phi_bar_norm";
    for (let i = 0; i < settings.iterations; i++) {
      await step(stages, draws, i);
      await golden.values(loss.logits, "logit", i, 1e-3);
      await golden.gradients(parametrization.parameters, gradients, i);
      await parametrization.forward();
      await golden.values(parametrization.alpha, "alpha", i + 1);
    }
  });
}
