import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../../../tests/cli/fake_io.ts";
import { layoutFiles, MODEL_PATHS } from "../../../tests/hub/repositories.ts";
import { commitOf } from "../../../tests/hub/answers.ts";
import { type StandIn, standIn } from "../../../tests/hub/stand_in.ts";

const MAIN = layoutFiles(1);
const REPOSITORIES = { "ada/dogs": { main: MAIN, v2: layoutFiles(2) } };
const BYTES = MODEL_PATHS.reduce((sum, path) => sum + MAIN[path].length, 0);

/** Runs `models …` against a stand-in of the hub. */
async function models(site: StandIn, line: string, onStart?: (stop: () => void) => void) {
  const env = { HF_ENDPOINT: site.endpoint.href, HF_HOME: site.folder, HOME: site.folder };
  const cacheFolder = join(site.folder, "cache");
  const offline = line.startsWith("offline ");
  return await runHere(["models", ...line.replace("offline ", "").split(" ")], {
    env: { ...env, ...(offline && { HF_HUB_OFFLINE: "1" }) },
    cacheFolder,
    ...(onStart && { onStart }),
  });
}

/** Runs it, expects success, and reads the JSON. */
async function json(site: StandIn, line: string) {
  const { code, stdout, stderr } = await models(site, `${line} --json`);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Runs it, and expects one line about a mistake. */
async function mistake(site: StandIn, line: string, says: RegExp) {
  const { code, stdout, stderr } = await models(site, line);
  assert.match(stderr, /^error: [^\n]+\n$/, "one line");
  assert.match(stderr, says);
  assert.equal(stdout, "");
  assert.equal(code, 2);
}

Deno.test("models pull, path, verify, info, du, list, rm: the life of a model", async () => {
  await using site = await standIn(REPOSITORIES);
  const folder = join(site.folder, "hub", "models--ada--dogs", "snapshots", commitOf("main"));

  await mistake(
    site,
    "path ada/dogs",
    /Model "ada\/dogs" is not downloaded.*models pull ada\/dogs/,
  );
  const plan = await json(site, "pull ada/dogs --dry-run");
  assert.deepEqual([plan.bytes, plan.bytesToDownload, plan.dryRun], [BYTES, BYTES, true]);
  assert.deepEqual(plan.files.map(({ path }: { path: string }) => path), MODEL_PATHS);
  await mistake(site, "verify ada/dogs", /is not downloaded/);

  const pulled = await json(site, "pull ada/dogs");
  assert.deepEqual([pulled.folder, pulled.commit], [folder, commitOf("main")]);
  assert.equal((await models(site, "path ada/dogs")).stdout, `${folder}\n`);
  assert.equal((await json(site, "pull ada/dogs")).bytesToDownload, 0);

  const verified = await json(site, "verify ada/dogs");
  assert.deepEqual(
    verified.models[0].files,
    MODEL_PATHS.map((path) => ({ path, state: "sound" })),
  );
  const info = await json(site, "info ada/dogs");
  assert.deepEqual([info.state, info.folder, info.missing], ["downloaded", folder, []]);
  const { repositories } = await json(site, "du");
  assert.deepEqual([repositories[0].repository, repositories[0].bytes], ["ada/dogs", BYTES]);
  const { models: listed } = await json(site, "list");
  assert.deepEqual(listed.at(-1), {
    id: "ada/dogs",
    kind: "text-to-image",
    state: "downloaded",
    bytes: BYTES,
  });

  assert.equal((await json(site, "rm ada/dogs --dry-run")).bytes, BYTES);
  assert.equal((await json(site, "rm ada/dogs")).bytes, BYTES);
  await mistake(site, "rm ada/dogs", /Model "ada\/dogs" is not downloaded/);
  assert.deepEqual((await json(site, "du")).repositories, []);
});

Deno.test("models says the same to people", async () => {
  await using site = await standIn(REPOSITORIES);
  const said = async (line: string) => {
    const { code, stdout, stderr } = await models(site, line);
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  };
  const short = commitOf("main").slice(0, 12);
  assert.match(
    await said("pull ada/dogs --dry-run"),
    new RegExp(`^ada/dogs \\(ada/dogs, ${short}\\): 5.84 kB to download, 5.84 kB in all\n`),
  );
  assert.match(
    await said("pull ada/dogs"),
    /^ada\/dogs .*: 5.84 kB downloaded, 5.84 kB in all\n {2}/,
  );
  assert.equal(await said("pull ada/dogs --quiet"), "");
  assert.match(await said("pull ada/dogs --dry-run"), /\n +5 kB {2}unet\/weights.pb +there\n/);
  assert.match(await said("verify ada/dogs"), /^sound {2}ada\/dogs\/model_index.json\n/);
  assert.match(
    await said("info ada/dogs"),
    /^ada\/dogs\n {2}page +http.*\n {2}state +downloaded\n/,
  );
  assert.match(await said("du"), /^5.84 kB {2}ada\/dogs {2}main {2}.*\n5.84 kB {2}in all\n$/);
  assert.match(await said("list"), /^emoji .* built in .*\nstable-diffusion-v1-4 +≈ 4.27 GB /);
  assert.match(await said("rm ada/dogs"), /^ada\/dogs: 6 files removed, 5.84 kB\n$/);
});

Deno.test("models knows the embedded model", async () => {
  await using site = await standIn({});
  assert.match((await models(site, "pull emoji")).stdout, /^emoji comes with Peekaboo: /);
  assert.ok((await Deno.stat((await json(site, "path emoji")).folder)).isDirectory);
  assert.equal((await json(site, "info emoji")).imageSize, 64);
  const [{ files }] = (await json(site, "verify")).models;
  assert.ok(files.every(({ state }: { state: string }) => state === "sound"));
  await mistake(site, "rm emoji", /Cannot remove "emoji": it comes with Peekaboo/);
  assert.deepEqual(site.requests, []);
});

Deno.test("models info says what is known of a model that is not there", async () => {
  await using site = await standIn({});
  const info = await json(site, "info midas-v2-1");
  assert.equal(info.page, "https://github.com/isl-org/MiDaS/releases/tag/v2_1");
  assert.deepEqual([info.state, info.missing], ["remote", ["model-f6b98070.onnx"]]);
  assert.deepEqual(site.requests, []);
});

Deno.test("models list and info say which model is experimental for masks, and why", async () => {
  await using site = await standIn({});
  const { models: listed } = await json(site, "list");
  const marked = listed.filter((model: object) => "experimental" in model);
  assert.deepEqual(marked.map(({ id }: { id: string }) => id), ["sd-turbo"]);
  const [{ experimental }] = marked;
  assert.match(experimental, /guidance 0 to 1/);
  assert.equal((await json(site, "info sd-turbo")).experimental, experimental);
  const { stdout: list } = await models(site, "list");
  assert.match(list, /^sd-turbo .* SD Turbo \(experimental for masks\)$/m);
  assert.equal(list.match(/experimental/g)?.length, 1);
  const { stdout: info } = await models(site, "info sd-turbo");
  assert.ok(
    info.split("\n").some((line) =>
      line.startsWith("  masks ") && line.endsWith(` experimental: ${experimental}`)
    ),
    info,
  );
  assert.doesNotMatch((await models(site, "info midas-v2-1")).stdout, /masks/);
});

Deno.test("a model that is experimental for masks is loaded for them with a warning", async () => {
  const world = { env: { HF_HOME: "no-such-folder", HF_HUB_OFFLINE: "1" }, cacheFolder: "none" };
  const image = join(import.meta.dirname!, "../../../tests/fixtures/images/rgb.png");
  const stderr = async (...args: string[]) =>
    (await runHere([...args, "--device", "cpu"], world)).stderr;
  const segment = ["segment", image, "a dog", "--model"];
  const error = /^error: Cannot download "sd-turbo": HF_HUB_OFFLINE [^\n]+\n$/;
  const [, line, rest] = (await stderr(...segment, "sd-turbo")).match(/^([^\n]*\n)([^]*)$/)!;
  assert.match(line, /^warning: sd-turbo is experimental for masks: It was distilled [^\n]+\.\n$/);
  assert.match(rest, error);
  assert.match(await stderr(...segment, "sd-turbo", "--quiet"), error);
  assert.match(await stderr(...segment, "sd-turbo", "--loss", "clip"), error);
  assert.match(await stderr("sample", "a dog", "--model", "sd-turbo"), error);
  assert.match(await stderr(...segment, "stable-diffusion-v1-4"), /^error: Cannot download /);
});

Deno.test("models verify finds what is damaged or gone, and pull mends it", async () => {
  await using site = await standIn(REPOSITORIES);
  const { folder } = await json(site, "pull ada/dogs");
  const damaged = MAIN["unet/weights.pb"].slice();
  damaged[9] ^= 1;
  await Deno.writeFile(join(folder, "unet/weights.pb"), damaged);
  await Deno.remove(join(folder, "model_index.json"));
  const { code, stdout, stderr } = await models(site, "verify ada/dogs");
  assert.equal(code, 2);
  assert.match(stdout, /^missing {2}ada\/dogs\/model_index.json\n/);
  assert.match(stdout, /\ndamaged {2}ada\/dogs\/unet\/weights.pb\n/);
  assert.match(
    stderr,
    /^error: A model is not sound: .*model_index.json is missing, and 1 more \(/,
  );
  await mistake(site, "path ada/dogs", /"ada\/dogs" is not whole: model_index.json is missing/);

  const mended = await models(site, "pull ada/dogs");
  assert.match(mended.stderr, /^warning: "unet\/weights.pb" is damaged and is downloaded again\n$/);
  assert.equal((await models(site, "verify")).code, 0);
});

Deno.test("models pull says what is wrong in one line", async () => {
  await using site = await standIn(REPOSITORIES);
  await mistake(site, "pull ada/cats", /Cannot find "ada\/cats": there is no such repository/);
  await mistake(site, "pull ada/dogs@v9", /Cannot find "ada\/dogs@v9": there is no such revision/);
  await mistake(site, "pull stable-defusion", /Unknown model .*stable-diffusion-v1-4/);
  await mistake(site, "offline pull ada/dogs", /HF_HUB_OFFLINE forbids the network/);
  await mistake(site, "pull", /missing required argument 'model'/);
  await mistake(site, "pul ada/dogs", /unknown command 'pul'.*pull/);
});

Deno.test("models pull keeps what has arrived when it is interrupted", async () => {
  await using site = await standIn(REPOSITORIES);
  let stop: () => void;
  site.fault = ({ path }) => path.includes("unet/weights.pb") ? void stop() : undefined;
  const { code, stderr } = await models(site, "pull ada/dogs", (given) => stop = given);
  assert.equal(code, 130);
  assert.match(
    stderr,
    /^error: Interrupted; what has arrived is kept \(the same command goes on\)\n$/,
  );
  site.fault = () => undefined;
  assert.equal((await json(site, "pull ada/dogs --dry-run")).bytesToDownload, 5000);
  assert.equal((await models(site, "pull ada/dogs")).code, 0);
});
