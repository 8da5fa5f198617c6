import assert from "node:assert/strict";
import { join } from "node:path";
import { bareModel } from "../../tests/bare_model.ts";
import { copyFolder, temporaryFolder } from "../../tests/cli/run.ts";
import { fixturePath } from "../../tests/fixture_path.ts";
import { QUANTISED, quantisedEncoder } from "../../tests/quantised_encoder.ts";
import { refusal } from "../../tests/refusal.ts";
import { hasFloat16 } from "../onnx/float_types.ts";
import { writeModel } from "../onnx/model.ts";
import { openClipModel, openClipSource } from "./open_clip.ts";
import { folderSource } from "./model_source.ts";
import { openModel } from "./open_model.ts";
import { MODELS } from "../catalog/models.ts";

const FOLDER = fixturePath("companions/clip");

Deno.test("a folder holds encoders, image size, logit scale and tokenizer", async () => {
  const clip = await openClipModel(FOLDER);
  assert.equal(clip.id, FOLDER);
  assert.match(clip.sha256, /^[0-9a-f]{64}$/);
  assert.equal(clip.input.size, 48);
  assert(Math.abs(clip.logitScale - Math.exp(2.66)) < 1e-6);
  assert(clip.tokenizer?.["tokenizer.json"]);
  for (const name of ["text_model", "vision_model"] as const) {
    // Weights are stored in float16, nothing is computed in it.
    assert(!hasFloat16((await clip.graph(name)).model), name);
  }
});

Deno.test("null in CLIP's configuration means that the logit scale is absent", async () => {
  await using folder = await temporaryFolder();
  await copyFolder(FOLDER, folder.path);
  const config = join(folder.path, "config.json");
  await Deno.writeTextFile(config, '{"logit_scale_init_value": null, "text_config": null}');
  assert(Math.abs((await openClipModel(folder.path)).logitScale - 100) < 1e-6);
});

Deno.test("a quantised image encoder of CLIP is refused, a quantised text encoder is not", async () => {
  await using folder = await temporaryFolder();
  await copyFolder(FOLDER, folder.path);
  for (const op of QUANTISED) {
    for (const name of ["text_model", "vision_model"]) {
      const model = quantisedEncoder(op, "pixel_values", "image_embeds");
      await Deno.writeFile(join(folder.path, name, "model.onnx"), writeModel(model));
    }
    const clip = await openClipModel(folder.path);
    await clip.graph("text_model");
    await assert.rejects(
      clip.graph("vision_model"),
      refusal(/^Cannot use "vision_model\/model.onnx": a quantised image encoder cannot be differ/),
    );
  }
});

Deno.test("encoders are found wherever exporters put them", async () => {
  for (
    const place of [
      (name: string) => `${name}.onnx`,
      (name: string) => `onnx/${name}.onnx`,
      (name: string) => `${name}/${name}.onnx`,
    ]
  ) {
    await using folder = await temporaryFolder();
    const config = "preprocessor_config.json";
    await Deno.copyFile(join(FOLDER, config), join(folder.path, config));
    for (const name of ["text_model", "vision_model"]) {
      const path = join(folder.path, place(name));
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.copyFile(join(FOLDER, name, "model.onnx"), path);
    }
    const clip = await openClipModel(folder.path);
    const { model } = await clip.graph("vision_model");
    assert.equal(model.graph!.output[0].name, "image_embeds");
    // Without a configuration CLIP's own scale, without a tokenizer that of the diffusion model.
    assert(Math.abs(clip.logitScale - 100) < 1e-9);
    assert.equal(clip.tokenizer, undefined);
  }
});

Deno.test("a known CLIP's manifest gives the size and normalisation of images", async () => {
  const manifest = MODELS.find(({ id }) => id === "clip-vit-b-32")!;
  const source = {
    ...folderSource("nowhere"),
    has: (path: string) => Promise.resolve((manifest.source.files as string[]).includes(path)),
    read: () => Promise.resolve(new TextEncoder().encode(`{"logit_scale_init_value": 0}`)),
    files: () => Promise.resolve([]),
  };
  const clip = await openClipSource(manifest.id, source, manifest);
  assert.deepEqual([clip.input, clip.logitScale], [manifest.input, 1]);
  // The configuration of a trained CLIP holds the value from the start of its training.
  const initial = new TextEncoder().encode(`{"logit_scale_init_value": 2.6592}`);
  const trained = { ...source, read: () => Promise.resolve(initial) };
  const { logitScale } = await openClipSource(manifest.id, trained, manifest);
  assert(Math.abs(logitScale - 100) < 1e-9);
});

Deno.test("a diffusion model's own CLIP is found in its folder", async () => {
  await using folder = await bareModel();
  assert.equal(await (await openModel(folder.path)).clipModel(), undefined);
  await copyFolder(FOLDER, join(folder.path, "clip"));
  const model = await openModel(folder.path);
  const clip = await model.clipModel();
  assert.equal(clip?.id, `${folder.path}/clip`);
  assert.equal(clip?.sha256, (await openClipModel(FOLDER)).sha256);
  assert.equal(await model.depthModel(), undefined);
});

Deno.test("openClipModel() refuses in one line what is not CLIP", async () => {
  const refused = (name: string, message: RegExp) =>
    assert.rejects(openClipModel(name), refusal(message));
  await refused("clip", /^Unknown CLIP model "clip": it is neither/);
  await refused("dpt-hybrid-midas", /^Cannot use "dpt-hybrid-midas" as CLIP model: .* depth$/);
  await refused("clip-vit-b-32", /does not come with Peekaboo$/);
  await using folder = await temporaryFolder();
  await refused(folder.path, /is not a CLIP model: it has no text_model\.onnx$/);
  await copyFolder(FOLDER, folder.path);
  await Deno.writeTextFile(join(folder.path, "config.json"), `{"logit_scale_init_value": "2"}`);
  await refused(folder.path, /"config\.json": field "logit_scale_init_value": wanted number/);
  await Deno.remove(join(folder.path, "preprocessor_config.json"));
  await refused(folder.path, /lacks preprocessor_config\.json/);
  await Deno.remove(join(folder.path, "vision_model"), { recursive: true });
  await refused(folder.path, /it has no vision_model\.onnx$/);
});
