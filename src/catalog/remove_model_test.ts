import assert from "node:assert/strict";
import { join } from "node:path";
import { layoutFiles, MODEL_PATHS } from "../../tests/hub/repositories.ts";
import { commitOf } from "../../tests/hub/answers.ts";
import { type StandIn, standIn } from "../../tests/hub/stand_in.ts";
import { diskUsage } from "../hub/cache_contents.ts";
import { lockFile } from "../hub/file_lock.ts";
import { planPull, pull } from "./pull.ts";
import { findInstalled, remoteModel } from "./remote_model.ts";
import { removeModel } from "./remove_model.ts";

const REPOSITORIES = { "ada/dogs": { main: layoutFiles(1), v2: layoutFiles(2) } };
const total = (files: Readonly<Record<string, Uint8Array>>) =>
  MODEL_PATHS.reduce((sum, path) => sum + files[path].length, 0);
const ALL = total(REPOSITORIES["ada/dogs"].main);
/** Bytes that both revisions have in common. */
const SHARED = ["scheduler/scheduler_config.json", "unet/model.onnx"]
  .reduce((sum, path) => sum + REPOSITORIES["ada/dogs"].main[path].length, 0);

async function pullModel(site: StandIn, name: string) {
  const model = remoteModel(name, site.hub);
  return await pull(await planPull(model, site.hub), site.hub, { chunkBytes: 600 });
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("removeModel() and diskUsage() take a cache that does not exist", async () => {
  await using site = await standIn({});
  assert.deepEqual(await removeModel(remoteModel("ada/dogs", site.hub)), { files: [], bytes: 0 });
  assert.deepEqual(await diskUsage(site.hub, []), []);
});

Deno.test("removeModel() leaves nothing of the only model of a repository", async () => {
  await using site = await standIn(REPOSITORIES);
  await pullModel(site, "ada/dogs");
  const model = remoteModel("ada/dogs", site.hub);
  const announced = await removeModel(model, { dryRun: true });
  assert.deepEqual(announced, { files: MODEL_PATHS, bytes: ALL });
  assert.deepEqual((await findInstalled(model))?.missing, []);
  assert.deepEqual(await removeModel(model), announced);
  assert.deepEqual(await names(site.hub.cacheFolder), [".locks"]);
  assert.deepEqual(await names(join(site.hub.cacheFolder, ".locks")), []);
  assert.deepEqual(await removeModel(model), { files: [], bytes: 0 });
});

Deno.test("removeModel() leaves other revisions and what they share", async () => {
  await using site = await standIn(REPOSITORIES);
  await pullModel(site, "ada/dogs");
  await pullModel(site, "ada/dogs@v2");
  const { bytes } = await removeModel(remoteModel("ada/dogs", site.hub));
  assert.equal(bytes, ALL - SHARED);
  assert.equal(await findInstalled(remoteModel("ada/dogs", site.hub)), undefined);
  const other = await findInstalled(remoteModel("ada/dogs@v2", site.hub));
  assert.deepEqual(other?.missing, []);
});

Deno.test("removeModel() leaves files that are not the model's", async () => {
  await using site = await standIn(REPOSITORIES);
  const { folder } = await pullModel(site, "ada/dogs");
  await Deno.writeTextFile(join(folder, "unet", "notes.safetensors"), "another tool's");
  await removeModel(remoteModel("ada/dogs", site.hub));
  assert.deepEqual(await names(folder), ["unet"]);
  assert.deepEqual(await names(join(folder, "unet")), ["notes.safetensors"]);
});

Deno.test("removeModel() removes what has not arrived whole, and diskUsage() counts it", async () => {
  await using site = await standIn(REPOSITORIES);
  let count = 0;
  site.fault = ({ host, headers }) =>
    host === "cdn" && headers.has("range") && ++count > 2
      ? new Response(null, { status: 404 })
      : undefined;
  const model = remoteModel("ada/dogs", site.hub);
  const failing = pull(await planPull(model, site.hub), site.hub, {
    chunkBytes: 600,
    connections: 1,
  });
  await assert.rejects(failing, /answered 404/);
  const [usage] = await diskUsage(site.hub, []);
  const weights = REPOSITORIES["ada/dogs"].main["unet/weights.pb"].length;
  assert.equal(usage.bytes, ALL - weights);
  assert.equal(usage.partialBytes, 1200);
  assert.equal((await removeModel(model)).files.length, MODEL_PATHS.length - 1);
  assert.deepEqual(await names(site.hub.cacheFolder), [".locks"]);
});

Deno.test("diskUsage() counts contents once, and no repositories of others", async () => {
  await using site = await standIn(REPOSITORIES);
  await pullModel(site, "ada/dogs");
  await pullModel(site, "ada/dogs@v2");
  const others = join(site.hub.cacheFolder, "models--eve--llm", "snapshots", "c");
  await Deno.mkdir(others, { recursive: true });
  await Deno.writeTextFile(join(others, "x.bin"), "12345");
  const usages = await diskUsage(site.hub, []);
  assert.deepEqual(
    usages.map(({ repository, revisions, bytes }) => ({ repository, revisions, bytes })),
    [{ repository: "ada/dogs", revisions: ["main", "v2"], bytes: 2 * ALL - SHARED }],
  );
  const asked = await diskUsage(site.hub, ["eve/llm"]);
  assert.deepEqual(asked.map(({ repository, bytes }) => [repository, bytes]), [
    ["ada/dogs", 2 * ALL - SHARED],
    ["eve/llm", 5],
  ]);
});

Deno.test("removeModel() leaves other commits that are whole", async () => {
  await using site = await standIn(REPOSITORIES);
  const pinned = `ada/dogs@${commitOf("v2")}`;
  await pullModel(site, "ada/dogs");
  await pullModel(site, pinned);
  await removeModel(remoteModel("ada/dogs", site.hub));
  assert.deepEqual((await findInstalled(remoteModel(pinned, site.hub)))?.missing, []);
});

Deno.test("removeModel() leaves what another process is downloading", async () => {
  await using site = await standIn(REPOSITORIES);
  await pullModel(site, "ada/dogs");
  const { cache } = remoteModel("ada/dogs", site.hub);
  await Deno.writeTextFile(cache.part("k1"), "arriving");
  {
    using _lock = await lockFile(cache.lock("k1"), { clock: site.hub.clock });
    await removeModel(remoteModel("ada/dogs", site.hub));
    assert.equal(await Deno.readTextFile(cache.part("k1")), "arriving");
  }
  await removeModel(remoteModel("ada/dogs", site.hub));
  await assert.rejects(Deno.stat(cache.folder), Deno.errors.NotFound);
});
