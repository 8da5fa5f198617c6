/** A cache that may be read and not written, as an administrator fills it for all users of a machine. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../../tests/cli/fake_io.ts";
import { filesIn } from "../../tests/cli/run.ts";
import { commitOf } from "../../tests/hub/answers.ts";
import { readOnly } from "../../tests/hub/read_only.ts";
import { layoutFiles } from "../../tests/hub/repositories.ts";
import { type StandIn, standIn } from "../../tests/hub/stand_in.ts";
import { installModel } from "./pull.ts";
import { remoteModel } from "./remote_model.ts";

const REPOSITORIES = { "ada/dogs": { main: layoutFiles(1), v2: layoutFiles(2) } };
const CACHE = "models--ada--dogs";
const SNAPSHOT = join(CACHE, "snapshots", commitOf("main"));

/** Runs `models …` on the stand-in's cache. */
const models = (site: StandIn, line: string, env: Record<string, string> = {}) =>
  runHere(["models", ...line.split(" ")], {
    env: {
      HF_ENDPOINT: site.endpoint.href,
      HF_HOME: join(site.folder, "home"),
      HF_HUB_CACHE: site.hub.cacheFolder,
      ...env,
    },
    cacheFolder: join(site.folder, "cache"),
  });

/** Whether the content of a file was asked for. */
const downloads = (site: StandIn) => site.requests.some(({ path }) => !path.startsWith("/api/"));

/** A stand-in whose cache holds the whole model. */
async function filled(): Promise<StandIn> {
  const site = await standIn(REPOSITORIES);
  assert.equal((await models(site, "pull ada/dogs")).code, 0);
  site.requests.length = 0;
  return site;
}

Deno.test("a whole model in a read-only cache is used without writing", async () => {
  await using site = await filled();
  using cache = readOnly(site.hub.cacheFolder);
  const pulled = await models(site, "pull ada/dogs");
  assert.deepEqual([pulled.code, pulled.stderr], [0, ""]);
  assert.match(pulled.stdout, /: 0 B downloaded, /);
  const verified = await models(site, "verify ada/dogs");
  assert.deepEqual([verified.code, verified.stderr], [0, ""]);
  assert.match(verified.stdout, /^sound +ada\/dogs\/model_index\.json$/m);
  const { missing } = await installModel(remoteModel("ada/dogs", site.hub), site.hub);
  assert.deepEqual(missing, []);
  assert.deepEqual([downloads(site), cache.refused], [false, []]);
});

Deno.test("a read-only cache that another tool has filled is used as well", async () => {
  await using site = await filled();
  await Deno.remove(join(site.hub.cacheFolder, CACHE, ".peekaboo"), { recursive: true });
  await Deno.remove(join(site.hub.cacheFolder, ".locks"), { recursive: true });
  using cache = readOnly(site.hub.cacheFolder);
  for (const name of ["ada/dogs", `ada/dogs@${commitOf("main")}`]) {
    const { code, stdout, stderr } = await models(site, `pull ${name}`);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /: 0 B downloaded, /);
  }
  assert.ok(!downloads(site));
  assert.ok(cache.refused.length > 0, "the list of files is not kept");
  assert.equal((await models(site, "verify ada/dogs")).code, 0);
});

Deno.test("a read-only cache that lacks a file is refused before any download", async () => {
  const lacking: [string, (cache: string) => Promise<unknown>][] = [
    ["everything", (cache) => Deno.remove(join(cache, CACHE), { recursive: true })],
    ["the weights", (cache) => Deno.remove(join(cache, SNAPSHOT, "unet/weights.pb"))],
    ["their content", async (cache) => {
      await Deno.remove(await Deno.realPath(join(cache, SNAPSHOT, "unet/weights.pb")));
    }],
    ["sound weights", async (cache) => {
      const path = join(cache, SNAPSHOT, "unet/weights.pb");
      await Deno.writeFile(path, (await Deno.readFile(path)).map((byte) => byte ^ 1));
    }],
  ];
  for (const [what, remove] of lacking) {
    await using site = await filled();
    await remove(site.hub.cacheFolder);
    const before = await filesIn(site.hub.cacheFolder);
    using _cache = readOnly(site.hub.cacheFolder);
    const { code, stdout, stderr } = await models(site, "pull ada/dogs");
    assert.deepEqual([code, stdout], [2, ""], what);
    assert.match(
      stderr,
      /^error: Cannot (write to|make) the (cache )?folder "[^"]*": permission denied \(make the cache[^\n]*\n$/,
      what,
    );
    assert.ok(!downloads(site), what);
    assert.deepEqual(await filesIn(site.hub.cacheFolder), before, what);
  }
});

Deno.test("a read-only cache is refused where a revision has moved on", async () => {
  await using site = await filled();
  site.fault = ({ path }) =>
    path.endsWith("/revision/main") ? Response.json({ sha: commitOf("v2") }) : undefined;
  using _cache = readOnly(site.hub.cacheFolder);
  const { code } = await models(site, "pull ada/dogs");
  assert.equal(code, 2);
  assert.ok(!downloads(site));
  // The files that the cache holds are still used.
  const { commit } = await installModel(remoteModel("ada/dogs", site.hub), site.hub);
  assert.equal(commit, commitOf("main"));
});

Deno.test("a cache that may not be read is refused in one line", async () => {
  await using site = await filled();
  const { readTextFile } = Deno;
  using _cache = { [Symbol.dispose]: () => void (Deno.readTextFile = readTextFile) };
  Deno.readTextFile = (path, options) => {
    if (!String(path).startsWith(site.hub.cacheFolder)) return readTextFile(path, options);
    const error = new Deno.errors.PermissionDenied("Permission denied (os error 13)");
    return Promise.reject(Object.assign(error, { code: "EACCES" }));
  };
  for (const command of ["verify ada/dogs", "verify", "info ada/dogs", "list"]) {
    const { code, stderr } = await models(site, command);
    const line =
      /^error: Cannot read "[^"]*refs\/main": permission denied \(make the cache [^\n]*\n$/;
    assert.match(stderr, line, command);
    assert.equal(code, 2, command);
  }
});
