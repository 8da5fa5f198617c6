import assert from "node:assert/strict";
import { join } from "node:path";
import { layoutFiles, MODEL_PATHS } from "../../tests/hub/repositories.ts";
import { commitOf } from "../../tests/hub/answers.ts";
import { type Fault, type StandIn, standIn } from "../../tests/hub/stand_in.ts";
import { tinyOnnx } from "../../tests/hub/tiny_onnx.ts";
import { refusal } from "../../tests/refusal.ts";
import type { Hub } from "../hub/hub.ts";
import { installModel, planPull, pull, type PullOptions, type PullProgress } from "./pull.ts";
import { findInstalled, remoteModel } from "./remote_model.ts";

const MAIN = layoutFiles(1);
const REPOSITORIES = { "ada/dogs": { main: MAIN, v2: layoutFiles(2) } };

async function pullModel(
  site: StandIn,
  name = "ada/dogs",
  { hub = site.hub, ...options }: PullOptions & { hub?: Hub } = {},
) {
  const model = remoteModel(name, hub);
  return await pull(await planPull(model, hub, options.signal), hub, {
    chunkBytes: 600,
    ...options,
  });
}

/** Paths of files whose content was asked for. */
function fetched(site: StandIn): string[] {
  return site.requests.filter(({ method, path }) => method === "HEAD" && !path.startsWith("/api/"))
    .map(({ path }) => path.replace(/^.*\/resolve\/[^/]+\//, ""));
}

Deno.test("pull() brings all files of the model, small ones first, and no others", async () => {
  await using site = await standIn(REPOSITORIES);
  const installed = await pullModel(site);
  assert.equal(installed.commit, commitOf("main"));
  assert.ok(installed.folder.endsWith(join("models--ada--dogs", "snapshots", commitOf("main"))));
  assert.deepEqual(fetched(site).toSorted(), MODEL_PATHS);
  assert.equal(fetched(site).at(-1), "unet/weights.pb");
  for (const path of MODEL_PATHS) {
    assert.deepEqual(await Deno.readFile(join(installed.folder, path)), MAIN[path]);
  }
  await assert.rejects(Deno.stat(join(installed.folder, "README.md")), Deno.errors.NotFound);
});

Deno.test("a second pull() downloads nothing", async () => {
  await using site = await standIn(REPOSITORIES);
  await pullModel(site);
  site.requests.length = 0;
  await pullModel(site);
  assert.deepEqual(fetched(site), []);
});

Deno.test("pull() keeps revisions apart and shares what they have in common", async () => {
  await using site = await standIn(REPOSITORIES);
  const one = await pullModel(site);
  site.requests.length = 0;
  const two = await pullModel(site, "ada/dogs@v2");
  assert.notEqual(one.folder, two.folder);
  assert.ok(!fetched(site).includes("unet/model.onnx"), "it is the same in both");
  assert.deepEqual(
    await Deno.readFile(join(one.folder, "unet/weights.pb")),
    MAIN["unet/weights.pb"],
  );
});

Deno.test("pull() tells how much of the whole model is there", async () => {
  await using site = await standIn(REPOSITORIES);
  const told: PullProgress[] = [];
  await pullModel(site, "ada/dogs", { onProgress: (progress) => told.push(progress) });
  const bytes = MODEL_PATHS.reduce((sum, path) => sum + MAIN[path].length, 0);
  assert.ok(told.every((progress) => progress.bytes === bytes));
  assert.ok(told.every(({ received }, i) => i === 0 || received >= told[i - 1].received));
  assert.deepEqual(told.at(-1), {
    path: "unet/weights.pb",
    phase: "check",
    received: bytes,
    bytes,
  });
});

Deno.test("planPull() says what is there, and asks for no file", async () => {
  await using site = await standIn(REPOSITORIES);
  const { fault } = site;
  // One chunk of the weights arrives.
  let count = 0;
  const failing: Fault = ({ host, headers }) =>
    host === "cdn" && headers.has("range") && ++count > 1
      ? new Response(null, { status: 404 })
      : undefined;
  site.fault = failing;
  await assert.rejects(pullModel(site, "ada/dogs", { connections: 1 }), refusal(/answered 404$/));
  site.fault = fault;
  site.requests.length = 0;
  const { files } = await planPull(remoteModel("ada/dogs", site.hub), site.hub);
  assert.deepEqual(fetched(site), []);
  assert.deepEqual(files.map(({ path }) => path).toSorted(), MODEL_PATHS);
  for (const { path, bytes, received } of files) {
    assert.equal(received, path === "unet/weights.pb" ? 600 : bytes, path);
  }
});

Deno.test("pull() checks that there is room before it starts", async () => {
  await using site = await standIn(REPOSITORIES);
  const hub = { ...site.hub, freeBytes: () => Promise.resolve(1000) };
  const message = /^Cannot download "ada\/dogs": wanted 5\.84 kB of room, found 1 kB in ".*hub"$/;
  await assert.rejects(pullModel(site, "ada/dogs", { hub }), refusal(message));
  assert.deepEqual(fetched(site), []);
});

Deno.test("pull() replaces damaged files if it is to look at them", async () => {
  await using site = await standIn(REPOSITORIES);
  const { folder } = await pullModel(site);
  const path = join(folder, "unet/weights.pb");
  const damaged = MAIN["unet/weights.pb"].slice();
  damaged[77] ^= 1;
  await Deno.writeFile(path, damaged);
  await pullModel(site);
  assert.deepEqual(await Deno.readFile(path), damaged);
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  await pullModel(site, "ada/dogs", { verify: true, onWarning });
  assert.deepEqual(await Deno.readFile(path), MAIN["unet/weights.pb"]);
  assert.deepEqual(warnings, ['"unet/weights.pb" is damaged and is downloaded again']);
});

Deno.test("pull() looks at contents that another commit has, too", async () => {
  await using site = await standIn(REPOSITORIES);
  const { folder } = await pullModel(site);
  const graph = MAIN["unet/model.onnx"];
  await Deno.writeFile(join(folder, "unet/model.onnx"), graph.map((byte) => byte ^ 1));
  const other = await pullModel(site, "ada/dogs@v2", { verify: true });
  assert.deepEqual(await Deno.readFile(join(other.folder, "unet/model.onnx")), graph);
});

Deno.test("planPull() refuses a repository that is not a text-to-image model", async () => {
  const { "vae_encoder/model.onnx": _, ...files } = MAIN;
  await using site = await standIn({ "ada/dogs": { main: files } });
  const message = /^Cannot use "ada\/dogs": there is no vae_encoder\/model.onnx in ada\/dogs$/;
  await assert.rejects(planPull(remoteModel("ada/dogs", site.hub), site.hub), refusal(message));
});

Deno.test("pull() refuses a model for CUDA before it fetches the weights", async () => {
  const files = {
    ...MAIN,
    "unet/model.onnx": tinyOnnx({ opType: "NhwcConv", domain: "com.microsoft" }),
  };
  await using site = await standIn({ "ada/dogs": { main: files } });
  const message = /^Cannot use "ada\/dogs\/unet\/model.onnx": its operator NhwcConv .*CUDA/;
  await assert.rejects(pullModel(site), refusal(message));
  assert.ok(!fetched(site).includes("unet/weights.pb"));
});

Deno.test("installModel() asks the network only for what is missing", async () => {
  await using site = await standIn(REPOSITORIES);
  const offline = { ...site.hub, offline: true };
  const model = remoteModel("ada/dogs", offline);
  const message = /^Cannot download "ada\/dogs": HF_HUB_OFFLINE forbids the network$/;
  await assert.rejects(installModel(model, offline), refusal(message));
  const { folder } = await installModel(remoteModel("ada/dogs", site.hub), site.hub);
  site.requests.length = 0;
  assert.equal((await installModel(model, offline)).folder, folder);
  assert.equal((await installModel(remoteModel("ada/dogs", site.hub), site.hub)).folder, folder);
  assert.deepEqual(site.requests, []);
  await Deno.remove(join(folder, "unet/weights.pb"));
  await assert.rejects(installModel(model, offline), refusal(message));
});

Deno.test("pull() that fails leaves the revision that was there", async () => {
  const repositories = { "ada/dogs": { main: MAIN } };
  await using site = await standIn(repositories);
  const before = await pullModel(site);
  const next = commitOf("next");
  Object.assign(repositories["ada/dogs"], { next: layoutFiles(3) });
  site.fault = ({ path, host }) => {
    if (path.endsWith("/revision/main")) return Response.json({ sha: next });
    return host === "cdn" ? new Response(null, { status: 404 }) : undefined;
  };
  await assert.rejects(pullModel(site), refusal(/answered 404$/));
  const installed = await findInstalled(remoteModel("ada/dogs", site.hub));
  assert.equal(installed?.commit, before.commit);
  assert.deepEqual(installed?.missing, []);
});

/** GitHub, with a release's file that can be changed. */
function github(content: () => Uint8Array<ArrayBuffer>): typeof fetch {
  return (input, init) => {
    const { host } = new URL(String(input));
    const headers = new Headers(init?.headers);
    assert.equal(headers.get("authorization"), null);
    const location = "https://assets.example/file?signature=1";
    if (host === "github.com") {
      return Promise.resolve(new Response(null, { status: 302, headers: { location } }));
    }
    const bytes = content();
    const length = { "content-length": String(bytes.length), etag: '"0x8D9"' };
    const body = init?.method === "HEAD" ? null : bytes;
    return Promise.resolve(new Response(body, { headers: length }));
  };
}

Deno.test("pull() records the hash of a release's file, and holds later ones to it", async () => {
  await using site = await standIn({});
  let content = tinyOnnx({ weights: new Uint8Array(700) });
  const hub = {
    ...site.hub,
    fetch: github(() => content),
    token: { value: "secret", source: "HF_TOKEN" },
  };
  const options = { hub, verify: true, chunkBytes: 1 << 20 };
  const { folder, files: [{ hash }] } = await pullModel(site, "midas-v2-1-small", options);
  assert.equal(hash?.algorithm, "sha256");
  const path = join(folder, "model-small.onnx");
  assert.deepEqual(await Deno.readFile(path), content);
  assert.ok(path.startsWith(site.hub.releasesFolder));

  await pullModel(site, "midas-v2-1-small", options);
  content = content.slice();
  content[300] ^= 1;
  await Deno.writeFile(path, content);
  const message = /^Cannot download "model-small.onnx": the download is damaged/;
  await assert.rejects(pullModel(site, "midas-v2-1-small", options), refusal(message));
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("pull() keeps models of one release apart", async () => {
  await using site = await standIn({});
  const hub = { ...site.hub, fetch: github(() => tinyOnnx()) };
  const options = { hub, chunkBytes: 1 << 20 };
  const names = ["midas-v2-1", "midas-v2-1-small"];
  for (const name of names) await pullModel(site, name, options);
  for (const name of names) {
    const installed = await findInstalled(remoteModel(name, hub));
    assert.deepEqual([installed?.files.length, installed?.missing], [1, []], name);
  }
});
