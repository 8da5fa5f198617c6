import assert from "node:assert/strict";
import { join } from "node:path";
import { refusal } from "../../tests/refusal.ts";
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

Deno.test("hubFromEnvironment() reads the token, else its file, and says where it was", async () => {
  const token = async (env: Record<string, string>) => (await hubOf(env)).token;
  assert.equal(await token({}), undefined);
  const [usual, other] = [join(HOME, ".cache/huggingface/token"), join(HOME, "other")];
  await Deno.mkdir(join(HOME, ".cache/huggingface"), { recursive: true });
  await Deno.writeTextFile(usual, "from-file\n");
  await Deno.writeTextFile(other, "\ufeff other \r\n\n");
  assert.deepEqual(await token({}), { value: "from-file", source: `"${usual}"` });
  const otherToken = { value: "other", source: `"${other}"` };
  assert.deepEqual(await token({ HF_TOKEN_PATH: "~/other" }), otherToken);
  assert.deepEqual(await token({ HF_TOKEN: "\n", HF_TOKEN_PATH: "~/other" }), otherToken);
  assert.deepEqual(await token({ HF_TOKEN: " given\n" }), { value: "given", source: "HF_TOKEN" });
  assert.equal(await token({ HF_TOKEN: "", HF_HOME: other }), undefined);
  await assert.rejects(
    hubOf({ HF_TOKEN_PATH: HOME }),
    refusal(/^Cannot read the token's file ".*": is a directory$/i),
  );
});

Deno.test("hubFromEnvironment() treats an empty token file as no token", async () => {
  for (const content of ["", "\n", " \r\n\t"]) {
    await Deno.writeTextFile(join(HOME, "empty"), content);
    assert.equal((await hubOf({ HF_TOKEN_PATH: "~/empty" })).token, undefined);
  }
});

Deno.test("hubFromEnvironment() refuses a token that no header can carry", async () => {
  for (const HF_TOKEN of ["hf_\u201cabc\u201d", "hf abc", "hf_\u0000"]) {
    await assert.rejects(
      hubOf({ HF_TOKEN }),
      refusal(/^Invalid token in HF_TOKEN: wanted letters/),
    );
  }
  await Deno.writeTextFile(join(HOME, "pasted"), "hf_\u2026\n");
  await assert.rejects(
    hubOf({ HF_TOKEN_PATH: "~/pasted" }),
    refusal(/^Invalid token in ".*pasted": wanted letters/),
  );
});

Deno.test("hubFromEnvironment() knows when the network is forbidden", async () => {
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

Deno.test("a hub tells the free space of a folder that does not exist yet", async () => {
  const { freeBytes } = await hubFromEnvironment(() => undefined, { cacheFolder: "cache" });
  const free = await freeBytes("no/such/folder");
  assert.ok(free === undefined || free >= 0);
});
