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
import {
  ADAM_TOLERANCE,
  assertClose,
  assertRelativelyClose,
  floats,
  RELATIVE_TOLERANCE,
  row,
  TOLERANCE,
} from "./golden_values.ts";
import { readSafetensors } from "./safetensors.ts";

for (const name of ["clip", "clip-fourier"]) {
  testOnBackends(`the loop follows the golden trajectory: ${name}`, async (backend) => {
    const url = new URL(`./golden/trajectory/${name}.safetensors`, import.meta.url);
    const { metadata, tensors } = readSafetensors(url);
    await using model = await loadModelOn(backend, await openModel("emoji"), { loss: "clip" });
    const clip = await openClipModel(fixturePath("companions/clip"));
    const settings = resolveSettings(model.defaults, JSON.parse(metadata.settings), 1000);
    assert.equal(settings.loss, "clip");

    // The project's own text side must agree with the reference's embedding.
    const { data, shape } = await embedClipTexts(model, clip, [metadata.prompt]);
    const [texts, width] = tensors.embeddings.shape;
    assert.deepEqual(shape, [texts, 1, width]);
    assertClose(data, floats(tensors.embeddings), 1e-5, "embeddings");

    const stages = await createStages(model, {
      pixels: floats(tensors.image),
      embeddings: { data: floats(tensors.embeddings), shape },
      clip,
      settings,
      theta: tensors.theta0 && floats(tensors.theta0),
    });
    using _ = stages;
    // Of all networks, CLIP's image encoder and a Fourier variant's own are loaded, each in halves.
    assert.equal(backend.liveSessions, settings.variant === "fourier" ? 4 : 2);
    const { loss } = stages;
    assert(loss instanceof ClipLoss);
    const never = () => assert.fail("nothing is random but the background");
    const draws = {
      timestep: never,
      noise: never,
      posterior: never,
      background: (i: number) => {
        const [red, green, blue] = row(tensors.background, i);
        return [red, green, blue] as const;
      },
    };
    const adam = settings.optimizer === "adam";
    const tolerance = adam ? ADAM_TOLERANCE : TOLERANCE[backend.device];
    for (let i = 0; i < settings.iterations; i++) {
      await step(stages, draws, i);
      const at = `${backend.device}, iteration ${i}`;
      assertClose(await backend.read(loss.logits), row(tensors.logit, i), 1e-3, `logit, ${at}`);
      const cotangents = await Promise.all(
        stages.parametrization.parameters.map(({ cotangent }) => backend.read(cotangent)),
      );
      const [found, wanted] = tensors.theta_bar ? [cotangents[0], tensors.theta_bar] : [
        Float32Array.from(cotangents, (cotangent) => Math.hypot(...cotangent)),
        tensors.phi_bar_norm,
      ];
      assertRelativelyClose(found, row(wanted, i), RELATIVE_TOLERANCE[backend.device], at);
      await stages.parametrization.forward();
      const alpha = await backend.read(stages.parametrization.alpha);
      assertClose(alpha, row(tensors.alpha, i + 1), tolerance, `α, ${at}`);
    }
  });
}
