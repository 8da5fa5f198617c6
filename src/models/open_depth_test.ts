import assert from "node:assert/strict";
import { join } from "node:path";
import { temporaryFolder } from "../../tests/cli/run.ts";
import { fixturePath } from "../../tests/fixture_path.ts";
import { refusal } from "../../tests/refusal.ts";
import { fileSource } from "../files/byte_source.ts";
import { opsetOf } from "../onnx/model.ts";
import { openDepthModel, openDepthSource } from "./open_depth.ts";
import { folderSource } from "./model_source.ts";
import { MODELS } from "../catalog/models.ts";

Deno.test("a folder gives size and normalisation, and its graph may be of any operator set", async () => {
  const folder = fixturePath("companions/depth-opset-9");
  const model = await openDepthModel(folder);
  assert.equal(model.id, folder);
  assert.match(model.sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(model.input, {
    size: 16,
    multipleOf: undefined,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  });
  assert.equal(opsetOf((await model.graph()).model), 9);
});

Deno.test("a known model's manifest gives them, whatever its graph is called", async () => {
  const path = fixturePath("companions/depth-opset-9/model.onnx");
  const { size } = await Deno.stat(path);
  for (const manifest of MODELS.filter(({ kind }) => kind === "depth")) {
    const [graph] = manifest.source.files as string[];
    const source = {
      ...folderSource("nowhere"),
      has: (name: string) => Promise.resolve(name === graph),
      open: () => Promise.resolve(fileSource(path, size)),
      files: () => Promise.resolve([]),
    };
    const model = await openDepthSource(manifest.id, source, manifest);
    assert.equal(model.input, manifest.input);
    assert.equal(opsetOf((await model.graph()).model), 9);
  }
});

Deno.test("the known depth models take images as their authors say", () => {
  const input = (name: string) => MODELS.find(({ id }) => id === name)!.input!;
  // The large MiDaS normalises inside its graph, DPT has half for everything.
  assert.deepEqual(input("midas-v2-1"), {
    size: 384,
    multipleOf: 32,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  });
  assert.deepEqual(input("dpt-hybrid-midas").std, [0.5, 0.5, 0.5]);
  assert.equal(input("midas-v2-1-small").size, 256);
  assert.deepEqual([input("depth-anything-v2-small").size % 14, 518 % 14], [0, 0]);
});

Deno.test("openDepthModel() refuses in one line what is not a depth model", async () => {
  const refused = (name: string, message: RegExp) =>
    assert.rejects(openDepthModel(name), refusal(message));
  await refused("midas", /^Unknown depth model "midas": it is neither/);
  await refused("clip-vit-b-32", /^Cannot use "clip-vit-b-32" as depth model: it is one for clip$/);
  await refused("midas-v2-1-small", /does not come with Peekaboo$/);
  await using folder = await temporaryFolder();
  await refused(folder.path, /is not a depth model: it has no model\.onnx$/);
  await Deno.copyFile(
    fixturePath("companions/depth/model.onnx"),
    join(folder.path, "model.onnx"),
  );
  await refused(folder.path, /lacks preprocessor_config\.json: wanted the image's size/);
  const config = join(folder.path, "preprocessor_config.json");
  await Deno.writeTextFile(config, `{"size": 32, "image_mean": [0, 0, 0]}`);
  await refused(folder.path, /field "image_std" of preprocessor_config\.json is missing$/);
  await Deno.writeTextFile(config, `{"size": 32, "image_mean": [0, 0, 0], "image_std": [1, 0, 1]}`);
  await refused(folder.path, /field "image_std.*": wanted numbers other than 0, found/);
});
