import assert from "node:assert/strict";
import { join } from "node:path";
import { refusal } from "../../tests/refusal.ts";
import { hubFromEnvironment, userCacheFolder } from "./hub.ts";

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
  assert.equal(await token({ HF_TOKEN: "", HF_HOME: join(HOME, "none") }), undefined);
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

Deno.test("hubFromEnvironment() refuses a token with a character that no token has", async () => {
  const cases = [
    ["hf_\u2019abc", "the quotation mark \u2019"],
    ["hf_\u201cabc\u201d", "the quotation mark \u201c"],
    ['"hf_abc"', 'the quotation mark "'],
    ["'hf_abc'", "the quotation mark '"],
    ["hf abc", "a space"],
    ["Bearer hf_abc", "a space"],
    ["hf_\tabc", "a space"],
    ["hf_\u00a0abc", "a space"],
    ["hf_ab\nc", "a line break"],
    ["hf_ab\r\nhf_cd\r\n", "a line break"],
    ["hf_\u0000", "the character U+0000"],
    ["hf_\u200babc", "the character U+200B"],
    ["hf_é", "the character é"],
    ["hf_\u2026", "the character \u2026"],
    ["hf_😀", "the character 😀"],
    ["HF_TOKEN=hf_abc", "the character ="],
    ["=", "the character ="],
    ["$(cat token)", "the character $"],
  ];
  const path = join(HOME, "pasted");
  for (const [token, found] of cases) {
    const message = (source: string) => (error: unknown) => {
      assert.ok(refusal(/^Invalid token/)(error) && error instanceof Error);
      const wanted =
        `Invalid token in ${source}: wanted letters, digits and ._~+/-, found ${found}`;
      assert.equal(error.message, wanted);
      return true;
    };
    await assert.rejects(hubOf({ HF_TOKEN: token }), message("HF_TOKEN"));
    await Deno.writeTextFile(path, `${token}\n`);
    await assert.rejects(hubOf({ HF_TOKEN_PATH: "~/pasted" }), message(`"${path}"`));
  }
  for (const HF_TOKEN of ["hf_aB3", "api_org_x", "eyJh.eyJz_-.c2ln", "AKCp8+/a==", " hf_x\r\n"]) {
    assert.equal((await hubOf({ HF_TOKEN })).token?.value, HF_TOKEN.trim());
  }
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
  const cases: [string, RegExp][] = [
    ["mirror", /"mirror": wanted a web address, found no https:\/\/ in it$/],
    ["localhost:8080/hub", /found no https:\/\/ in it$/],
    ["https://", /found no https:\/\/ in it$/],
    ["ftp://mirror.example", /found ftp:$/],
    [
      "https://ada:secret@mirror.example/",
      /"https:\/\/…@mirror.example\/": .* a user name or pass/,
    ],
    ["https://hf_abc@mirror.example", /"https:\/\/…@mirror.example": .* a user name or password$/],
    ["ada:secret@mirror.example", /"…@mirror.example": wanted a web address, found no https/],
    ["https://mirror.example/?token=abc", /found one with a query or fragment$/],
    ["https://mirror.example/#hub", /found one with a query or fragment$/],
  ];
  for (const [HF_ENDPOINT, message] of cases) {
    await assert.rejects(hubOf({ HF_ENDPOINT }), refusal(/^Invalid HF_ENDPOINT "/), HF_ENDPOINT);
    await assert.rejects(hubOf({ HF_ENDPOINT }), refusal(message), HF_ENDPOINT);
  }
});

Deno.test("hubFromEnvironment() refuses a proxy that Deno would pass over", async () => {
  for (
    const proxy of [
      ...[
        "proxy.example",
        "foo bar",
        "http://[bad",
        "ftp://proxy:1",
        "socks4://proxy:1",
        "http://",
      ],
      ...["://x", "http://a b:1", "http://пример:1", "http://ada:secret@", "proxy:99999", "1"],
    ]
  ) {
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"]) {
      const message = new RegExp(
        `^Invalid ${name} "(?!.*secret).*": wanted the address of an HTTP`,
      );
      await assert.rejects(hubOf({ [name]: proxy }), refusal(message), proxy);
    }
    await hubOf({ HTTP_PROXY: proxy, HF_HUB_OFFLINE: "1" });
  }
  for (
    const proxy of [
      ...["", " ", "proxy:3128", "proxy.example:3128/", "http://proxy", "https://proxy:1/"],
      ...["http://ada:secret@proxy:1", "socks5://[::1]:1080", "SOCKS5H://proxy:1"],
    ]
  ) await hubOf({ HTTPS_PROXY: proxy });
});

Deno.test("hubFromEnvironment() refuses a cache folder that is a file", async () => {
  const file = join(HOME, "file");
  await Deno.writeTextFile(file, "");
  const cases: [Record<string, string>, RegExp][] = [
    [{ HF_HUB_CACHE: file }, /file" of HF_HUB_CACHE: wanted a folder, found a file$/],
    [{ HF_HUB_CACHE: `${file}/x` }, /x" of HF_HUB_CACHE: .*, found a file on the way to it$/],
    [{ HF_HOME: "~/file" }, /hub" of HF_HOME: wanted a folder, found a file on the way to it$/],
    [{ XDG_CACHE_HOME: file }, /hub" of XDG_CACHE_HOME: .* found a file on the way to it$/],
    [{ HOME: file }, /hub" of HOME: wanted a folder, found a file on the way to it$/],
  ];
  for (const [env, message] of cases) {
    await assert.rejects(hubOf(env), refusal(/^Invalid cache folder "/));
    await assert.rejects(hubOf(env), refusal(message));
  }
  assert.equal((await hubOf({ HF_HUB_CACHE: join(HOME, "none") })).cacheFolder, join(HOME, "none"));
});

Deno.test("a hub tells the free space of a folder that does not exist yet", async () => {
  const { freeBytes } = await hubFromEnvironment(() => undefined, { cacheFolder: "cache" });
  const free = await freeBytes("no/such/folder");
  assert.ok(free === undefined || free >= 0);
});

Deno.test("userCacheFolder is where each system keeps caches", () => {
  const folder = (os: typeof Deno.build.os, env: Record<string, string>) =>
    userCacheFolder(os, (name) => env[name]);
  const HOME = "/home/ada";
  assert.equal(folder("linux", { HOME }), join(HOME, ".cache/peekaboo"));
  assert.equal(folder("linux", { HOME, XDG_CACHE_HOME: "/x" }), join("/x/peekaboo"));
  assert.equal(folder("darwin", { HOME }), join(HOME, "Library/Caches/peekaboo"));
  assert.equal(folder("windows", { LOCALAPPDATA: "/local" }), join("/local/peekaboo"));
});
