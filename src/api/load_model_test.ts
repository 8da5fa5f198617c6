import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesIn } from "../../tests/cli/run.ts";
import { standIn } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { loadModel, openClipModel, openDepthModel } from "./load_model.ts";

const MOD = new URL("../../mod.ts", import.meta.url).href;
const EMBEDDED = fileURLToPath(new URL("../../models/emoji", import.meta.url));

/** A hub that has the embedded model as `ada/emoji`. */
async function emojiSite() {
  const contents = (await filesIn(EMBEDDED)).map(async (path) =>
    [path, await Deno.readFile(join(EMBEDDED, path))] as const
  );
  return await standIn({ "ada/emoji": { main: Object.fromEntries(await Promise.all(contents)) } });
}

/** Runs a script in a folder with these permissions and nothing else. */
async function runScript(folder: string, code: string, permissions: string[], env = {}) {
  await Deno.writeTextFile(join(folder, "script.ts"), code);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", ...permissions, join(folder, "script.ts")],
    cwd: folder,
    env: { NO_COLOR: "1", ...env },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("loadModel() downloads a model by default, and not where `download` is false", async () => {
  await using site = await emojiSite();
  const options = { hub: site.hub, device: "cpu" } as const;
  await assert.rejects(loadModel("ada/emoji", { ...options, download: false }), (error) => {
    refusal(/^Model "ada\/emoji" is not on this machine, and the option download is false$/)(error);
    assert.match(String((error as { hint?: string }).hint), /mod\.ts models pull ada\/emoji$/);
    return true;
  });
  assert.deepEqual(site.requests, []);
  {
    await using model = await loadModel("ada/emoji", options);
    assert.equal(model.id, "ada/emoji");
    assert.ok(site.requests.length > 0);
  }
  site.requests.length = 0;
  await using model = await loadModel("ada/emoji", { ...options, download: false });
  assert.equal(model.imageSize, 64);
  assert.deepEqual(site.requests, []);
});

Deno.test("depth and CLIP networks are not downloaded where `download` is false", async () => {
  await using site = await standIn({});
  const options = { hub: site.hub, download: false };
  const refused = refusal(/^Model ".*" is not on this machine, and the option download is false$/);
  await assert.rejects(openDepthModel("midas-v2-1", options), refused);
  await assert.rejects(openClipModel("clip-vit-b-32", options), refused);
  assert.deepEqual(site.requests, []);
});

const LOAD = `
  import { loadModel } from "${MOD}";
  await using model = await loadModel("ada/emoji", { device: "cpu" });
  console.log(model.id, model.imageSize);
`;

Deno.test("loadModel() finds hub and cache in the environment", async () => {
  await using site = await emojiSite();
  const env = { HF_ENDPOINT: site.endpoint.href, HF_HOME: join(site.folder, "home") };
  assert.equal(await runScript(site.folder, LOAD, ["-A"], env), "ada/emoji 64\n");
  await Deno.stat(join(env.HF_HOME, "hub/models--ada--emoji"));
});

Deno.test("loadModel() needs no permission to read the environment", async () => {
  await using site = await emojiSite();
  // The default endpoint is another machine's: its requests, and those to its CDN, go to the stand-in.
  const redirected = `
    const { fetch } = globalThis;
    globalThis.fetch = async (input, init) => {
      const url = String(input).replace("https://huggingface.co/", "${site.endpoint.href}")
        .replace("https://cdn.test/", "${site.cdn.href}");
      const response = await fetch(url, init);
      const location = response.headers.get("location");
      if (location === null) return response;
      const headers = new Headers(response.headers);
      headers.set("location", location.replace("${site.cdn.href}", "https://cdn.test/"));
      return new Response(null, { status: response.status, headers });
    };
  `;
  const permissions = ["--allow-read", "--allow-write", "--allow-net"];
  assert.equal(await runScript(site.folder, redirected + LOAD, permissions), "ada/emoji 64\n");
  await Deno.stat(join(site.folder, ".cache/huggingface/hub/models--ada--emoji"));
});

Deno.test("loadModel() opens a folder whose path looks like a repository's name", async () => {
  await using site = await standIn({});
  await Deno.mkdir(join(site.folder, "ada"));
  await Deno.symlink(EMBEDDED, join(site.folder, "ada/emoji"));
  const code = LOAD.replace('"cpu"', '"cpu", download: false');
  assert.equal(await runScript(site.folder, code, ["--allow-read"]), "ada/emoji 64\n");
});
