import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { layoutFiles } from "../hub/repositories.ts";
import { embeddedContents } from "../embedded_model.ts";
import { commitOf, cut } from "../hub/answers.ts";
import { bytesOf, type StandIn, standIn } from "../hub/stand_in.ts";
import { filesIn, MOD, type Run } from "./run.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
const MiB = 1 << 20;
/** Five chunks of weights: files of that size come in chunks of 1 MiB. */
const WEIGHTS = bytesOf(5 * MiB, 7);
const REPOSITORIES = { "ada/dogs": { main: { ...layoutFiles(1), "unet/weights.pb": WEIGHTS } } };
const KEPT = `models--ada--dogs/snapshots/${commitOf("main")}/unet/weights.pb`;

/** Starts the program in a process of its own; what it writes goes below `site.folder`. */
function start(site: StandIn, args: readonly string[], env = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", MOD, ...args],
    cwd: site.folder,
    env: { NO_COLOR: "1", HF_ENDPOINT: site.endpoint.href, HF_HOME: site.folder, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

const startPull = (site: StandIn) => start(site, ["models", "pull", "ada/dogs"]);

async function finish(process: Deno.ChildProcess): Promise<Run> {
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Ranges of the weights that were asked for. */
function ranges(site: StandIn): string[] {
  return site.requests.flatMap(({ headers }) => headers.get("range") ?? []);
}

/** Lets three chunks of the weights through; the others hang until they are released. */
function holdWeights(site: StandIn) {
  const reached = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let count = 0;
  site.fault = async ({ host, headers }, answer) => {
    if (host === "cdn" && headers.has("range") && ++count > 3) {
      if (count === 5) reached.resolve(); // Asked for when a chunk was whole.
      await release.promise;
    }
    return answer();
  };
  return { reached: reached.promise, release: release.resolve };
}

Deno.test("models pull goes on after the process was killed", async () => {
  await using site = await standIn(REPOSITORIES);
  const { reached, release } = holdWeights(site);
  const killed = startPull(site);
  const status = finish(killed);
  await reached;
  killed.kill("SIGKILL");
  assert.notEqual((await status).code, 0);
  release();
  const names = await filesIn(site.hub.cacheFolder);
  assert.ok(names.some((name) => name.endsWith(".part")) && !names.includes(KEPT));

  site.fault = () => undefined;
  site.requests.length = 0;
  const { code, stderr } = await finish(startPull(site));
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(await Deno.readFile(join(site.hub.cacheFolder, KEPT)), WEIGHTS);
  assert.ok(ranges(site).length < 5, `${ranges(site)}`);
});

Deno.test("models pull in two processes at once downloads once", async () => {
  await using site = await standIn(REPOSITORIES);
  const { reached, release } = holdWeights(site);
  const first = finish(startPull(site));
  await reached;
  const second = startPull(site);
  const reader = second.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  assert.equal(value, "warning: another process downloads unet/weights.pb; waiting for it\n");
  release();
  assert.equal((await first).code, 0);
  await reader.cancel();
  await second.stdout.cancel();
  assert.equal((await second.status).code, 0);
  assert.deepEqual(await Deno.readFile(join(site.hub.cacheFolder, KEPT)), WEIGHTS);
  assert.equal(ranges(site).length, 5);
});

Deno.test("models pull stops at Ctrl-C and keeps what has arrived", async () => {
  await using site = await standIn(REPOSITORIES);
  const { reached, release } = holdWeights(site);
  const process = startPull(site);
  const ended = finish(process);
  await reached;
  process.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  release();
  assert.equal(stderr, "error: Interrupted; what has arrived is kept (the same command goes on)\n");
  assert.deepEqual([code, stdout], [130, ""]);
  assert.ok((await filesIn(site.hub.cacheFolder)).some((name) => name.endsWith(".part.map")));
});

Deno.test("models pull tells in one line what keeps it waiting", async () => {
  await using site = await standIn(REPOSITORIES);
  let count = 0;
  site.fault = ({ host, headers }, answer) =>
    host === "cdn" && headers.has("range") && ++count === 2 ? cut(answer(), 1000) : undefined;
  const { code, stderr } = await finish(startPull(site));
  assert.equal(code, 0);
  assert.match(stderr, /^warning: [^\n]*; trying again in 1 s\n$/);
});

Deno.test("segment downloads the model it is given, once", async () => {
  await using site = await standIn({ "ada/emoji": { main: await embeddedContents() } });
  const args = ["segment", IMAGE, "a dog", "--model", "ada/emoji", "--iterations", "1"];
  const settings = ["--device", "cpu", "--size", "64", "--json"];
  const online = await finish(start(site, [...args, ...settings]));
  assert.deepEqual([online.code, online.stderr], [0, ""]);
  assert.equal(JSON.parse(online.stdout).model, "ada/emoji");

  const unreachable = { HF_ENDPOINT: "http://localhost:1", HF_HUB_OFFLINE: "1" };
  const offline = await finish(start(site, [...args, ...settings], unreachable));
  assert.deepEqual([offline.code, offline.stderr], [0, ""]);
});
