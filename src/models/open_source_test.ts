import assert from "node:assert/strict";
import { EMBEDDED } from "../../tests/embedded_model.ts";
import { refusal } from "../../tests/refusal.ts";
import { MODELS } from "../catalog/models.ts";
import { embeddedFolder, openSource } from "./open_source.ts";

Deno.test("openSource() finds the embedded model by its id, and any model by its folder", async () => {
  const byId = await openSource("emoji", "text-to-image");
  assert.equal(byId.manifest, EMBEDDED);
  assert.equal(byId.source.label, 'Model "emoji"');
  const folder = embeddedFolder("emoji");
  const byFolder = await openSource(folder, "text-to-image");
  assert.equal(byFolder.manifest, undefined);
  assert.equal(byFolder.source.label, `Model folder "${folder}"`);
  assert.deepEqual(await byFolder.source.files(), await byId.source.files());
  for (const { source } of [byId, byFolder]) {
    assert.ok(await source.has("unet/model.onnx"));
    assert.ok(!await source.has("unet/weights.pb"));
    assert.equal(await source.openBeside("unet/model.onnx", "weights.pb"), "is missing");
    assert.ok(typeof await source.openBeside("unet/model.onnx", "config.json") === "object");
  }
});

Deno.test("openSource() takes every file of a companion's folder, in no layout", async () => {
  const { source } = await openSource(`${embeddedFolder("emoji")}/depth`, "depth");
  const paths = (await source.files()).map(({ path }) => path);
  assert.deepEqual(paths, ["model.onnx", "preprocessor_config.json"]);
});

Deno.test("openSource() refuses a known model of another kind before it downloads it", async () => {
  const word = { "text-to-image": "model", depth: "depth model", clip: "CLIP model" };
  for (const { id, kind } of MODELS) {
    for (const wanted of ["text-to-image", "depth", "clip"] as const) {
      const message = wanted === kind
        ? /^Model ".*" does not come with Peekaboo$/
        : wanted === "text-to-image"
        ? new RegExp(`^Cannot make images with "${id}": .* found one for ${kind}$`)
        : new RegExp(`^Cannot use "${id}" as ${word[wanted]}: it is one for ${kind}$`);
      if (id === EMBEDDED.id && wanted === kind) continue;
      await assert.rejects(openSource(id, wanted), refusal(message), `${id} as ${wanted}`);
    }
  }
});

Deno.test("openSource() names the models of the wanted kind if it knows no such name", async () => {
  const hint = async (name: string, kind: "text-to-image" | "depth" | "clip") => {
    const error = await openSource(name, kind).catch((error) => error);
    refusal(/^Unknown (|depth |CLIP )model ".*": it is neither a known model nor a folder$/)(error);
    return error.hint;
  };
  assert.match(await hint("emogi", "text-to-image"), /^known models: emoji, .*or owner\/name of a/);
  assert.match(await hint("midas", "depth"), /^known models: midas-v2-1, .*; or give a folder$/);
  // Only a text-to-image model may be any repository of the hub.
  assert.equal(await hint("ada/dogs", "clip"), "known models: clip-vit-b-32; or give a folder");
});
