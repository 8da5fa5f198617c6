import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { commitOf, gitSha1, sha256 } from "../../tests/hub/answers.ts";
import { layoutFiles, MODEL_PATHS } from "../../tests/hub/repositories.ts";
import { standIn } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { hubFromEnvironment } from "../hub/hub.ts";
import { checkModel } from "./integrity.ts";
import { findInstalled, remoteModel } from "./remote_model.ts";

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

const FILES = layoutFiles(1);
const COMMIT = commitOf("main");

/** A cache as Hugging Face's own tools leave it. */
async function foreignCache(
  folder: string,
  paths: readonly string[],
  nameOf = (bytes: Uint8Array) => bytes.length < 200 ? gitSha1(bytes) : sha256(bytes),
) {
  const repository = join(folder, "models--ada--dogs");
  await Deno.mkdir(join(repository, "refs"), { recursive: true });
  await Deno.mkdir(join(repository, "blobs"), { recursive: true });
  await Deno.writeTextFile(join(repository, "refs", "main"), COMMIT);
  for (const path of paths) {
    const bytes = FILES[path];
    const key = nameOf(bytes);
    await Deno.writeFile(join(repository, "blobs", key), bytes);
    const link = join(repository, "snapshots", COMMIT, path);
    await Deno.mkdir(dirname(link), { recursive: true });
    await Deno.symlink(`${"../".repeat(path.split("/").length + 1)}blobs/${key}`, link);
  }
}

Deno.test("findInstalled() uses what other tools have downloaded", async () => {
  await using site = await standIn({});
  await foreignCache(site.hub.cacheFolder, Object.keys(FILES));
  const installed = (await findInstalled(remoteModel("ada/dogs", site.hub)))!;
  assert.equal(installed.commit, COMMIT);
  assert.deepEqual(installed.missing, []);
  assert.deepEqual(installed.files.map(({ path }) => path), MODEL_PATHS);
  for (const { path, bytes, hash } of installed.files) {
    assert.equal(bytes, FILES[path].length);
    assert.equal(hash!.hex, bytes < 200 ? gitSha1(FILES[path]) : sha256(FILES[path]));
  }
});

Deno.test("checkModel() takes names that a mirror's ETag gave contents for what they may be", async () => {
  await using site = await standIn({});
  const of = (bytes: Uint8Array, algorithm: string) =>
    createHash(algorithm).update(bytes).digest("hex");
  const cases: [string, (bytes: Uint8Array) => string][] = [
    ["sound", (bytes) => of(bytes, "sha1")],
    ["sound", gitSha1],
    ["sound", sha256],
    ["unknown", (bytes) => of(bytes, "md5")],
    ["unknown", (bytes) => `${of(bytes, "md5")}-2`],
    ["damaged", () => "ab".repeat(20)],
    ["damaged", () => "ab".repeat(32)],
  ];
  for (const [i, [state, name]] of cases.entries()) {
    const root = join(site.hub.cacheFolder, String(i));
    await foreignCache(root, MODEL_PATHS, name);
    const hub = { ...site.hub, cacheFolder: root };
    const checked = await checkModel((await findInstalled(remoteModel("ada/dogs", hub)))!);
    assert.deepEqual(checked, MODEL_PATHS.map((path) => ({ path, state })), state);
  }
});

Deno.test("findInstalled() says which needed files are missing", async () => {
  await using site = await standIn({});
  await foreignCache(site.hub.cacheFolder, MODEL_PATHS.slice(2));
  const installed = await findInstalled(remoteModel("ada/dogs", site.hub));
  assert.deepEqual(installed?.missing, MODEL_PATHS.slice(0, 2));
});

Deno.test("findInstalled() finds nothing of other revisions and repositories", async () => {
  await using site = await standIn({});
  await foreignCache(site.hub.cacheFolder, MODEL_PATHS);
  for (const name of ["ada/dogs@v2", "ada/cats", "stable-diffusion-v1-4"]) {
    assert.equal(await findInstalled(remoteModel(name, site.hub)), undefined);
  }
  assert.ok(await findInstalled(remoteModel(`ada/dogs@${COMMIT}`, site.hub)));
});
