import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { hubFromEnvironment } from "../hub/hub.ts";
import { remoteModel } from "./remote_model.ts";

const HUB = await hubFromEnvironment(() => undefined, { cacheFolder: "cache" });

Deno.test("remoteModel() knows models by id and any repository by owner and name", () => {
  const cases: [string, string, string][] = [
    ["stable-diffusion-v1-4", "CompVis/stable-diffusion-v1-4", "onnx"],
    ["midas-v2-1", "isl-org/MiDaS", "v2_1"],
    ["ada/dogs", "ada/dogs", "main"],
    ["ada/dogs_2.0@refs/pr/1", "ada/dogs_2.0", "refs/pr/1"],
  ];
  for (const [name, repository, revision] of cases) {
    const model = remoteModel(name, HUB);
    assert.equal(model.id, name);
    assert.deepEqual([model.repository.name, model.repository.revision], [repository, revision]);
  }
});

Deno.test("remoteModel() refuses names that no repository has", () => {
  const names = [
    "stable-defusion",
    "ada",
    "ada/",
    "ada/dogs/unet",
    "ada/dogs@",
    "ada/dogs@../x",
    "ada/dogs@a/../b",
    "ada/..",
    "../dogs",
    "ada--x/dogs",
    "ada/dogs@/etc",
    "https://huggingface.co/ada/dogs",
  ];
  for (const name of names) {
    assert.throws(() => remoteModel(name, HUB), refusal(/^Unknown model ".*": wanted the id of a/));
  }
});

Deno.test("remoteModel() knows which files are a model's", () => {
  const layout = remoteModel("ada/dogs", HUB);
  assert.ok(layout.has("unet/weights.pb") && !layout.has("README.md"));
  assert.ok(layout.needed.includes("model_index.json"));
  const depth = remoteModel("midas-v2-1", HUB);
  assert.ok(depth.has("model-f6b98070.onnx") && !depth.has("model-small.onnx"));
});
