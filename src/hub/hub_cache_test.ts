import assert from "node:assert/strict";
import { join } from "node:path";
import { refusal } from "../../tests/refusal.ts";
import { HubCache, type Symlink } from "./hub_cache.ts";

const COMMIT = "c".repeat(40);

async function temporaryCache(symlink?: Symlink) {
  const root = await Deno.makeTempDir();
  const cache = new HubCache(root, "ada/dogs", symlink);
  await Deno.mkdir(join(cache.folder, "blobs"), { recursive: true });
  return {
    cache,
    blob: (key: string) => Deno.writeTextFile(cache.blob(key), `content of ${key}`),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

Deno.test("HubCache lays files out as Hugging Face's tools do", async () => {
  await using at = await temporaryCache();
  const { cache } = at;
  assert.ok(cache.folder.endsWith("models--ada--dogs"));
  await at.blob("k1");
  await cache.place(COMMIT, "unet/model.onnx", "k1", true);
  const path = join(cache.snapshot(COMMIT), "unet", "model.onnx");
  assert.equal(await Deno.readLink(path), join("..", "..", "..", "blobs", "k1"));
  assert.equal(await Deno.readTextFile(path), "content of k1");
});

Deno.test("HubCache replaces a file that is there", async () => {
  await using at = await temporaryCache();
  await at.blob("k1");
  await at.blob("k2");
  await at.cache.place(COMMIT, "x.json", "k1", true);
  await at.cache.place(COMMIT, "x.json", "k2", true);
  const folder = at.cache.snapshot(COMMIT);
  assert.equal(await Deno.readTextFile(join(folder, "x.json")), "content of k2");
  assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
    "x.json",
  ]);
});

Deno.test("HubCache works on a system without symbolic links", async () => {
  const none = () => Promise.reject(new Deno.errors.NotSupported("no links here"));
  await using at = await temporaryCache(none);
  const { cache } = at;
  await at.blob("k1");
  await cache.place(COMMIT, "a/fresh.json", "k1", true);
  await assert.rejects(Deno.stat(cache.blob("k1")), Deno.errors.NotFound);
  await at.blob("k2");
  await cache.place(COMMIT, "a/used.json", "k2", false);
  await Deno.stat(cache.blob("k2"));
  for (const [name, key] of [["fresh", "k1"], ["used", "k2"]]) {
    const path = join(cache.snapshot(COMMIT), "a", `${name}.json`);
    assert.ok((await Deno.lstat(path)).isFile);
    assert.equal(await Deno.readTextFile(path), `content of ${key}`);
  }
});

Deno.test("HubCache remembers commits of branches, also of those with a slash", async () => {
  await using at = await temporaryCache();
  const { cache } = at;
  for (const revision of ["main", "refs/pr/1"]) {
    assert.equal(await cache.commitOf(revision), undefined);
    await cache.setCommit(revision, COMMIT);
    assert.equal(await cache.commitOf(revision), COMMIT);
  }
  assert.equal(await cache.commitOf(COMMIT), undefined);
  await at.blob("k1");
  await cache.place(COMMIT, "x.json", "k1", true);
  await cache.setCommit(COMMIT, COMMIT);
  assert.equal(await cache.commitOf(COMMIT), COMMIT);
  await assert.rejects(Deno.stat(join(cache.folder, "refs", COMMIT)), Deno.errors.NotFound);
});

Deno.test("HubCache says that it cannot write", async () => {
  await using at = await temporaryCache();
  await Deno.writeTextFile(join(at.cache.folder, "refs"), "a file where the folder should be");
  await assert.rejects(
    at.cache.setCommit("main", COMMIT),
    refusal(/^Cannot make the folder ".*refs"/),
  );
});
