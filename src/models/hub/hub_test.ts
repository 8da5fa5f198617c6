import assert from "node:assert/strict";
import { join } from "node:path";
import { refusal } from "../../../tests/refusal.ts";
import { hubFromEnvironment } from "./hub.ts";

const HOME = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(HOME, { recursive: true }));

const hubOf = (env: Record<string, string>) =>
  hubFromEnvironment((name) => ({ HOME, ...env })[name], { cacheFolder: "cache" });

Deno.test("hubFromEnvironment() finds the cache where Hugging Face's tools have it", async () => {
  const cases: [Record<string, string>, string][] = [
    [{}, join(HOME, ".cache/huggingface/hub")],
    [{ XDG_CACHE_HOME: "/x" }, "/x/huggingface/hub"],
    [{ XDG_CACHE_HOME: "/x", HF_HOME: "/y" }, "/y/hub"],
    [{ HF_HOME: "/y", HF_HUB_CACHE: "/z" }, "/z"],
    [{ HF_HUB_CACHE: "~/z", XDG_CACHE_HOME: "" }, join(HOME, "z")],
  ];
  for (const [env, folder] of cases) {
    assert.equal((await hubOf(env)).cacheFolder, join(folder), JSON.stringify(env));
  }
});

Deno.test("hubFromEnvironment() reads the token, else its file", async () => {
  assert.equal((await hubOf({})).token, undefined);
  await Deno.mkdir(join(HOME, ".cache/huggingface"), { recursive: true });
  await Deno.writeTextFile(join(HOME, ".cache/huggingface/token"), "from-file\n");
  await Deno.writeTextFile(join(HOME, "other"), " other \r\n");
  assert.equal((await hubOf({})).token, "from-file");
  assert.equal((await hubOf({ HF_TOKEN_PATH: "~/other" })).token, "other");
  assert.equal((await hubOf({ HF_TOKEN: " given\n" })).token, "given");
  assert.equal((await hubOf({ HF_TOKEN: "", HF_HOME: join(HOME, "other") })).token, undefined);
  await assert.rejects(
    hubOf({ HF_TOKEN_PATH: HOME }),
    refusal(/^Cannot read the token's file ".*": is a directory$/i),
  );
});

Deno.test("hubFromEnvironment() knows when to do without the network", async () => {
  for (const yes of ["1", "ON", "yes", "True"]) {
    assert.ok((await hubOf({ HF_HUB_OFFLINE: yes })).offline, yes);
  }
  for (const no of ["", "0", "off", "no"]) {
    assert.ok(!(await hubOf({ HF_HUB_OFFLINE: no })).offline, no);
  }
});

Deno.test("hubFromEnvironment() takes a mirror's address", async () => {
  assert.equal((await hubOf({})).endpoint.href, "https://huggingface.co/");
  const { endpoint } = await hubOf({ HF_ENDPOINT: "http://mirror.example:8080/hub//" });
  assert.equal(endpoint.href, "http://mirror.example:8080/hub/");
  for (const HF_ENDPOINT of ["mirror", "ftp://mirror.example"]) {
    await assert.rejects(
      hubOf({ HF_ENDPOINT }),
      refusal(/^Invalid HF_ENDPOINT ".*": wanted a web/),
    );
  }
});
