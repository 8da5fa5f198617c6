import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { EMBEDDED, embeddedContents } from "../../tests/embedded_model.ts";
import { standIn } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { createNoiseSchedule } from "../diffusion/noise_schedule.ts";
import { GENERIC_DEFAULTS, GENERIC_SAMPLING } from "../catalog/models.ts";
import { openModel } from "./open_model.ts";
import { embeddedFolder } from "./open_source.ts";

const FOLDER = embeddedFolder(EMBEDDED.id);

/** A copy of the embedded model in a folder of its own. */
async function copyModel() {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "my-model");
  await cp(FOLDER, path, { recursive: true });
  return {
    path,
    write: (name: string, text: string) => Deno.writeTextFile(join(path, name), text),
    remove: (name: string) => Deno.remove(join(path, name), { recursive: true }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("openModel() opens a known model with its manifest", async () => {
  const model = await openModel("emoji");
  assert.equal(model.id, "emoji");
  assert.equal(model.imageSize, 64);
  assert.deepEqual(model.defaults, EMBEDDED.defaults);
  assert.deepEqual(model.samplingDefaults, EMBEDDED.sampling);
  assert.equal(model.scalingFactor, 0.9162980658424077);
  assert.equal(createNoiseSchedule(model.noiseSchedule).predictionType, "epsilon");
  assert.equal(model.noiseSchedule.beta_schedule, "scaled_linear");
  assert.equal(model.noiseSchedule.num_train_timesteps, 1000);
  assert.equal(model.sampler.steps_offset, 1);
  assert.equal(model.sampleSize, 16);
  assert.ok(model.tokenizerFiles["tokenizer.json"]);
  assert.ok(model.tokenizerFiles["merges.txt"]?.startsWith("#version"));
  assert.equal((await model.graph("unet")).bytes.length, 12953196);
  assert.equal((await model.graph("vae_decoder")).model.graph?.output.length, 1);
});

Deno.test("openModel() opens a folder with the paper's settings", async () => {
  await using copy = await copyModel();
  const model = await openModel(copy.path);
  const known = await openModel("emoji");
  assert.equal(model.id, copy.path);
  assert.deepEqual(model.defaults, GENERIC_DEFAULTS);
  assert.equal(model.imageSize, undefined);
  assert.equal(model.sampleSize, 16);
  assert.equal(model.scalingFactor, known.scalingFactor);
  assert.equal(await model.digest(), await known.digest());
});

Deno.test("openModel() takes a scaling factor from vae/config.json, else Stable Diffusion's", async () => {
  await using copy = await copyModel();
  await copy.remove("vae_encoder/config.json");
  assert.equal((await openModel(copy.path)).scalingFactor, 0.18215);
  await Deno.mkdir(join(copy.path, "vae"));
  await copy.write("vae/config.json", '{"scaling_factor": 0.13025}');
  assert.equal((await openModel(copy.path)).scalingFactor, 0.13025);
});

Deno.test("openModel() reads how to sample, with diffusers' defaults", async () => {
  await using copy = await copyModel();
  assert.deepEqual((await openModel(copy.path)).samplingDefaults, GENERIC_SAMPLING);
  const given = {
    timestep_spacing: "trailing",
    steps_offset: 2,
    set_alpha_to_one: true,
    skip_prk_steps: true,
    clip_sample: true,
    clip_sample_range: 3,
  };
  await copy.write("scheduler/scheduler_config.json", JSON.stringify(given));
  assert.deepEqual((await openModel(copy.path)).sampler, given);
  await copy.write("scheduler/scheduler_config.json", "{}");
  assert.deepEqual((await openModel(copy.path)).sampler, {
    timestep_spacing: "leading",
    steps_offset: 0,
    skip_prk_steps: false,
    clip_sample: false,
    clip_sample_range: 1,
  });
  await copy.write("scheduler/scheduler_config.json", '{"steps_offset": -1}');
  await assert.rejects(openModel(copy.path), refusal(/"steps_offset": wanted a whole number/));
});

Deno.test("openModel() refuses a name that is not a model's", async () => {
  await assert.rejects(
    openModel("stable-defusion"),
    refusal(/^Unknown model "stable-defusion": it is neither a known model nor a folder$/),
  );
  await assert.rejects(openModel(join(FOLDER, "README.md")), refusal(/^Unknown model/));
  await assert.rejects(
    openModel(join(FOLDER, "unet")),
    refusal(/is not a diffusion model: it has no model_index.json$/),
  );
});

Deno.test(
  "openModel() tells a folder it may not read from one that is not there",
  { permissions: { read: false } },
  async () => {
    await assert.rejects(
      openModel("my-model"),
      refusal(/^Cannot read "my-model": Deno requires read access to "/),
    );
  },
);

for (
  const path of [
    "text_encoder/model.onnx",
    "unet/model.onnx",
    "vae_encoder/model.onnx",
    "scheduler/scheduler_config.json",
  ]
) {
  Deno.test(`openModel() names the missing ${path}`, async () => {
    await using copy = await copyModel();
    await copy.remove(path);
    await assert.rejects(openModel(copy.path), refusal(new RegExp(` lacks ${path}$`)));
  });
}

Deno.test("openModel() does not need the decoder", async () => {
  await using copy = await copyModel();
  await copy.remove("vae_decoder");
  await openModel(copy.path);
});

Deno.test("openModel() refuses broken configurations", async () => {
  await using copy = await copyModel();
  await copy.write("unet/config.json", '{"sample_size": 0}');
  await assert.rejects(openModel(copy.path), refusal(/"unet\/config.json": field "sample_size"/));
  await copy.remove("unet/config.json");
  await copy.write("vae_encoder/config.json", '{"scaling_factor": "big"}');
  await assert.rejects(openModel(copy.path), refusal(/"scaling_factor": wanted number/));
  await copy.remove("vae_encoder/config.json");
  await copy.write("scheduler/scheduler_config.json", "beta_start = 1");
  await assert.rejects(openModel(copy.path), refusal(/"scheduler\/scheduler_config.json": Unexp/));
});

Deno.test("openModel() downloads a repository once, and knows it by its content", async () => {
  await using site = await standIn({ "ada/emoji": { main: await embeddedContents() } });
  const known = await openModel("emoji");
  let told = 0;
  const options = { hub: site.hub, onDownload: () => told++ };
  const model = await openModel("ada/emoji", options);
  assert.ok(told > 0);
  assert.equal(model.id, "ada/emoji");
  assert.deepEqual(model.defaults, GENERIC_DEFAULTS);
  assert.equal(await model.digest(), await known.digest());
  assert.equal((await model.graph("unet")).bytes.length, 12953196);
  site.requests.length = 0;
  await openModel("ada/emoji", { hub: { ...site.hub, offline: true } });
  assert.deepEqual(site.requests, []);
});

Deno.test("openModel() says what it needs to download a model, and which it cannot use", async () => {
  await using site = await standIn({});
  const { hub } = site;
  await assert.rejects(
    openModel("stable-diffusion-v1-4"),
    refusal(/^Model "stable-diffusion-v1-4" does not come with Peekaboo$/),
  );
  await assert.rejects(
    openModel("midas-v2-1", { hub }),
    refusal(/^Cannot make images with "midas-v2-1": wanted a text-to-image model, found one for/),
  );
  await assert.rejects(
    openModel("ada/cats", { hub }),
    refusal(/^Cannot find "ada\/cats": there is no such repository, or it is private$/),
  );
});
