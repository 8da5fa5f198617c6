import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { layoutFiles, MODEL_PATHS } from "../../tests/hub/repositories.ts";
import { commitOf, gitSha1, sha256 } from "../../tests/hub/answers.ts";
import { standIn } from "../../tests/hub/stand_in.ts";
import { findInstalled } from "./installed_model.ts";
import { remoteModel } from "./remote_model.ts";

const FILES = layoutFiles(1);
const COMMIT = commitOf("main");

/** A cache as Hugging Face's own tools leave it. */
async function foreignCache(folder: string, paths: readonly string[]) {
  const repository = join(folder, "models--ada--dogs");
  await Deno.mkdir(join(repository, "refs"), { recursive: true });
  await Deno.mkdir(join(repository, "blobs"), { recursive: true });
  await Deno.writeTextFile(join(repository, "refs", "main"), COMMIT);
  for (const path of paths) {
    const bytes = FILES[path];
    const key = bytes.length < 200 ? gitSha1(bytes) : sha256(bytes);
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
