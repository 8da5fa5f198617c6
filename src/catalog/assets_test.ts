import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { impatientClock } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { readAsset } from "./assets.ts";

const CONTENT = new TextEncoder().encode("weights ".repeat(1000));
const EXPECTED = {
  path: "unet/model.onnx",
  bytes: CONTENT.length,
  sha256: createHash("sha256").update(CONTENT).digest("hex"),
};

/** A server that answers every request as told, and a cache folder that does not exist yet. */
async function serve(answer: () => Response) {
  const folder = await Deno.makeTempDir();
  const slept: number[] = [];
  let requests = 0;
  const server = Deno.serve({ port: 0, hostname: "localhost", onListen() {}, onError }, () => {
    requests++;
    return answer();
  });
  return {
    url: new URL(`http://localhost:${server.addr.port}/models/emoji/unet/model.onnx`),
    cacheFolder: join(folder, "cache"),
    cached: join(folder, "cache", "models", EXPECTED.sha256),
    requests: () => requests,
    clock: impatientClock(slept),
    slept,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function onError() {
  return new Response(null, { status: 500 });
}

async function files(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.map(({ name }) => name);
}

Deno.test("readAsset() downloads once, then reads the cache", async () => {
  await using site = await serve(() => new Response(CONTENT));
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(await readAsset(site.url, EXPECTED, site), CONTENT);
    assert.equal(site.requests(), 1);
  }
  assert.deepEqual(await files(join(site.cacheFolder, "models")), [EXPECTED.sha256]);
});

Deno.test("readAsset() keeps nothing without a cache folder", async () => {
  await using site = await serve(() => new Response(CONTENT));
  for (let i = 1; i <= 2; i++) {
    assert.deepEqual(await readAsset(site.url, EXPECTED), CONTENT);
    assert.equal(site.requests(), i);
  }
});

Deno.test("readAsset() fetches a damaged cache entry again", async () => {
  await using site = await serve(() => new Response(CONTENT));
  await readAsset(site.url, EXPECTED, site);
  const damaged = CONTENT.slice();
  damaged[100] ^= 1;
  for (const content of [damaged, CONTENT.subarray(1)]) {
    await Deno.writeFile(site.cached, content);
    assert.deepEqual(await readAsset(site.url, EXPECTED, site), CONTENT);
    assert.deepEqual(await Deno.readFile(site.cached), CONTENT);
  }
  assert.equal(site.requests(), 3);
});

Deno.test("readAsset() refuses what does not arrive whole, and leaves nothing behind", async () => {
  const short = CONTENT.subarray(0, 100);
  const wrong = CONTENT.slice();
  wrong[0] ^= 1;
  const broken = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(short);
          controller.close();
        },
      }),
      { headers: { "content-length": String(CONTENT.length) } },
    );
  const answers: [() => Response, RegExp][] = [
    [broken, /^Cannot download "http:.*onnx": error reading a body from connection$/],
    [() => new Response(short), /damaged: 100 bytes instead of 8000$/],
    [() => new Response(wrong), /damaged: its SHA-256 is not the expected one$/],
    [() => new Response("none", { status: 404 }), /the server answered 404$/],
  ];
  for (const [answer, message] of answers) {
    await using site = await serve(answer);
    await assert.rejects(readAsset(site.url, EXPECTED, site), refusal(message));
    assert.deepEqual(await files(join(site.cacheFolder, "models")), []);
  }
});

Deno.test("readAsset() waits as long as a server that limits requests wants", async () => {
  const limits: [HeadersInit, number][] = [
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": new Date(1e12 + 9000).toUTCString() }, 9000],
    [{}, 750],
  ];
  for (const [headers, wait] of limits) {
    let answers = 0;
    await using site = await serve(() =>
      ++answers === 1 ? new Response("slower", { status: 429, headers }) : new Response(CONTENT)
    );
    const told: [string, number][] = [];
    const onRetry = (reason: string, wait: number) => told.push([reason, wait]);
    assert.deepEqual(await readAsset(site.url, EXPECTED, { ...site, onRetry }), CONTENT);
    assert.deepEqual(told, [["the server answered 429", wait]]);
    assert.deepEqual(site.slept, [wait]);
  }
});

Deno.test("readAsset() tries again where the connection broke", async () => {
  await using site = await serve(() => new Response(CONTENT));
  let attempts = 0;
  const unsteady: typeof fetch = (input, init) =>
    ++attempts === 1 ? Promise.reject(new TypeError("broken")) : fetch(input, init);
  assert.deepEqual(await readAsset(site.url, EXPECTED, { ...site, fetch: unsteady }), CONTENT);
  assert.deepEqual([attempts, site.requests()], [2, 1]);
});

Deno.test("readAsset() gives up on a server that stays busy, or wants a long wait", async () => {
  const cases: [number, HeadersInit, number][] = [
    [503, {}, 6],
    [429, { "retry-after": "301" }, 1],
  ];
  for (const [status, headers, requests] of cases) {
    await using site = await serve(() => new Response(null, { status, headers }));
    const reading = readAsset(site.url, EXPECTED, site);
    await assert.rejects(reading, refusal(new RegExp(`the server answered ${status}$`)));
    await assert.rejects(reading, ({ hint }) => /; or use a copy of Peekaboo on disk$/.test(hint));
    assert.equal(site.requests(), requests);
    assert.deepEqual(await files(join(site.cacheFolder, "models")), []);
  }
});

Deno.test("readAsset() says that it cannot reach the server", async () => {
  const site = await serve(() => new Response(CONTENT));
  await site[Symbol.asyncDispose]();
  await assert.rejects(
    readAsset(site.url, EXPECTED, site),
    refusal(/^Cannot download "http:.*onnx": client error .*refused/i),
  );
});

Deno.test("readAsset() reads the cache without the network", async () => {
  const site = await serve(() => new Response(CONTENT));
  await using _ = site;
  await readAsset(site.url, EXPECTED, site);
  const offline = () => Promise.reject(new TypeError("fetch failed"));
  assert.deepEqual(await readAsset(site.url, EXPECTED, { ...site, fetch: offline }), CONTENT);
});

Deno.test("readAsset() goes on without a cache folder it cannot use, and says so", async () => {
  await using site = await serve(() => new Response(CONTENT));
  await Deno.writeTextFile(site.cacheFolder, "a file where the folder should be");
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  assert.deepEqual(await readAsset(site.url, EXPECTED, { ...site, onWarning }), CONTENT);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /^Cannot keep downloads in ".*models": .*XDG_CACHE_HOME$/);
  assert.deepEqual(await readAsset(site.url, EXPECTED, site), CONTENT);
});

Deno.test(
  "readAsset() goes on without Deno's permission to make the cache folder",
  { permissions: { read: true } },
  async () => {
    const url = new URL("http://localhost/model.onnx");
    const fetch = () => Promise.resolve(new Response(CONTENT));
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const options = { fetch, cacheFolder: "no-such-folder", onWarning };
    assert.deepEqual(await readAsset(url, EXPECTED, options), CONTENT);
    assert.match(
      warnings.join(),
      /^Cannot keep downloads in ".*": Deno requires write access to "/,
    );
  },
);

Deno.test("readAsset() stops when it is told to", async () => {
  await using site = await serve(() => new Response(CONTENT));
  const signal = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(readAsset(site.url, EXPECTED, { ...site, signal }), /stopped/);
});

Deno.test("readAsset() checks files on disk", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "model.onnx");
  const url = pathToFileURL(path);
  await assert.rejects(
    readAsset(url, EXPECTED),
    refusal(/^Cannot read model file "unet\/model.onnx"/),
  );
  await Deno.writeFile(path, CONTENT);
  assert.deepEqual(await readAsset(url, EXPECTED), CONTENT);
  await Deno.writeFile(path, CONTENT.subarray(1));
  await assert.rejects(
    readAsset(url, EXPECTED),
    refusal(/^Model file "unet\/model.onnx" is damaged: 7999 bytes instead of 8000$/),
  );
  await Deno.remove(folder, { recursive: true });
});
