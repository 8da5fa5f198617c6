import assert from "node:assert/strict";
import { join } from "node:path";
import {
  bytesOf,
  cut,
  type Fault,
  impatientClock,
  type Seen,
  type StandIn,
  standIn,
} from "../../../tests/hub/stand_in.ts";
import { refusal } from "../../../tests/refusal.ts";
import { download, type DownloadOptions } from "./download.ts";
import type { Hub } from "./hub.ts";
import { HubCache } from "./hub_cache.ts";
import { hubRepository } from "./hub_repository.ts";
import type { RemoteFile } from "./repository.ts";

const WEIGHTS = bytesOf(1000, 1);
const CONFIG = bytesOf(50, 2);
const REPOSITORY = { "ada/dogs": { main: { "weights.pb": WEIGHTS, "config.json": CONFIG } } };
/** Ten chunks. */
const CHUNK = 100;

/** Downloads a file of {@link REPOSITORY} and gives its content. */
async function fetchFile(
  site: StandIn,
  path = "weights.pb",
  options: DownloadOptions & Partial<Hub> & { promised?: Partial<RemoteFile> } = {},
): Promise<Uint8Array> {
  const hub = { ...site.hub, ...options };
  const repository = hubRepository(site.hub, "ada/dogs", "main");
  const commit = await repository.commit();
  const file = (await repository.list(commit)).find((file) => file.path === path)!;
  const cache = new HubCache(hub.cacheFolder, repository.name);
  const url = repository.url(commit, path);
  const promised = { ...file, ...options.promised };
  const { key } = await download(hub, cache, promised, url, { chunkBytes: CHUNK, ...options });
  return await Deno.readFile(cache.blob(key));
}

/** Names in the cache's `blobs`. */
async function blobs(site: StandIn): Promise<string[]> {
  const folder = join(site.hub.cacheFolder, "models--ada--dogs", "blobs");
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.map(({ name }) => name).sort();
}

/** Ranges that the CDN was asked for. */
function ranges(site: StandIn): string[] {
  return site.requests.filter(({ host }) => host === "cdn")
    .map(({ headers }) => headers.get("range")!.replace("bytes=", "")).sort();
}

/** Lets the n-th requests for content, counted from 1, fail as told. */
function onContent(n: number[], fault: Fault): Fault {
  let count = 0;
  return (seen, answer) => {
    const content = seen.host === "cdn" && seen.method === "GET";
    return content && n.includes(++count) ? fault(seen, answer) : undefined;
  };
}

const EVERY = Array.from({ length: 1000 }, (_, i) => i + 1);
const status = (code: number, headers: HeadersInit = {}) => () =>
  new Response(null, { status: code, headers });

Deno.test("download() fetches chunks in parallel, uncompressed, each once", async () => {
  await using site = await standIn(REPOSITORY);
  let received = 0;
  const content = await fetchFile(site, "weights.pb", { onBytes: (bytes) => received = bytes });
  assert.deepEqual(content, WEIGHTS);
  assert.equal(received, 1000);
  const expected = Array.from({ length: 10 }, (_, i) => `${100 * i}-${100 * i + 99}`).sort();
  assert.deepEqual(ranges(site), expected);
  for (const { headers } of site.requests) {
    assert.equal(headers.get("accept-encoding"), "identity");
  }
  assert.equal((await blobs(site)).length, 1);
});

Deno.test("download() asks for a small file once, and finds it by its Git hash", async () => {
  await using site = await standIn(REPOSITORY);
  assert.deepEqual(await fetchFile(site, "config.json"), CONFIG);
  const asked = site.requests.filter(({ method }) => method === "GET").at(-1)!;
  assert.equal(asked.headers.get("range"), null);
  const before = site.requests.length;
  assert.deepEqual(await fetchFile(site, "config.json"), CONFIG);
  assert.ok(
    site.requests.slice(before).every(({ path }) => path.startsWith("/api/models/")),
    "a file that is there was asked for",
  );
});

Deno.test("download() shows the token to the hub and to nobody else", async () => {
  await using site = await standIn(REPOSITORY);
  await fetchFile(site, "weights.pb", { token: "secret" });
  await fetchFile(site, "config.json", { token: "secret" });
  for (const { host, path, headers } of site.requests) {
    const shown = headers.get("authorization");
    if (host === "cdn") assert.equal(shown, null);
    else if (path.includes("/resolve")) assert.equal(shown, "Bearer secret");
  }
});

Deno.test("download() continues where an interruption left it", async () => {
  await using site = await standIn(REPOSITORY);
  const stop = new AbortController();
  const options = {
    connections: 1,
    signal: stop.signal,
    onBytes: (received: number) => received === 300 && stop.abort(new Error("stopped")),
  };
  await assert.rejects(fetchFile(site, "weights.pb", options), /stopped/);
  assert.deepEqual((await blobs(site)).map((name) => name.slice(64)), [".part", ".part.map"]);
  site.requests.length = 0;
  assert.deepEqual(await fetchFile(site), WEIGHTS);
  assert.ok(!ranges(site).includes("0-99") && !ranges(site).includes("100-199"));
  assert.equal((await blobs(site)).length, 1);
});

Deno.test("download() goes on where a connection broke", async () => {
  await using site = await standIn(REPOSITORY);
  site.fault = onContent([2, 5], (_, answer) => cut(answer(), 30));
  assert.deepEqual(await fetchFile(site, "weights.pb", { connections: 1 }), WEIGHTS);
  assert.ok(ranges(site).includes("130-199"));
});

Deno.test("download() goes on where a body was too short", async () => {
  await using site = await standIn(REPOSITORY);
  site.fault = onContent([1], ({ headers }) => {
    assert.equal(headers.get("range"), "bytes=0-99");
    return new Response(WEIGHTS.subarray(0, 40), {
      status: 206,
      headers: { "content-range": "bytes 0-39/1000" },
    });
  });
  assert.deepEqual(await fetchFile(site, "weights.pb", { connections: 1 }), WEIGHTS);
  assert.ok(ranges(site).includes("40-99"));
});

Deno.test("download() starts again with a server that answers 200 to a range", async () => {
  await using site = await standIn(REPOSITORY);
  let last = 0;
  site.fault = onContent([3, 4, 5, 6], () => new Response(WEIGHTS));
  const options = { connections: 1, onBytes: (received: number) => last = received };
  assert.deepEqual(await fetchFile(site, "weights.pb", options), WEIGHTS);
  assert.equal(last, 1000);
});

Deno.test("download() starts again when such a server breaks off", async () => {
  await using site = await standIn(REPOSITORY);
  let answers = 0;
  site.fault = onContent(
    EVERY,
    () => ++answers < 4 ? cut(new Response(WEIGHTS), 600) : new Response(WEIGHTS),
  );
  assert.deepEqual(await fetchFile(site), WEIGHTS);
});

Deno.test("download() does not take a range it did not ask for", async () => {
  await using site = await standIn(REPOSITORY);
  site.fault = onContent([2], () =>
    new Response(WEIGHTS.subarray(0, 100), {
      status: 206,
      headers: { "content-range": "bytes 0-99/1000" },
    }));
  assert.deepEqual(await fetchFile(site), WEIGHTS);
});

Deno.test("download() does not take more than it asked for", async () => {
  await using site = await standIn(REPOSITORY);
  site.fault = onContent([2], ({ headers }) => {
    const range = headers.get("range")!.replace("bytes=", "bytes ");
    return new Response(WEIGHTS, { status: 206, headers: { "content-range": `${range}/1000` } });
  });
  assert.deepEqual(await fetchFile(site), WEIGHTS);
});

Deno.test("download() asks for a new link when the old one has expired", async () => {
  await using site = await standIn(REPOSITORY);
  let count = 0;
  const onBytes = () => ++count === 5 && site.expireLinks();
  assert.deepEqual(await fetchFile(site, "weights.pb", { connections: 2, onBytes }), WEIGHTS);
  assert.ok(site.requests.some(({ path }) => path.endsWith("signature=2")));
});

Deno.test("download() waits as long as a busy server asks", async () => {
  for (
    const [code, headers, wait] of [
      [429, { "retry-after": "7" }, 7000],
      [503, { "retry-after": new Date(1e12 + 90_000).toUTCString() }, 90_000],
      [429, { ratelimit: '"api";r=0;t=55' }, 55_000],
      [500, {}, 750],
    ] as const
  ) {
    await using site = await standIn(REPOSITORY);
    const slept: number[] = [];
    const told: string[] = [];
    site.fault = onContent([1], status(code, headers));
    const options = {
      clock: impatientClock(slept),
      connections: 1,
      onRetry: (reason: string) => told.push(reason),
    };
    assert.deepEqual(await fetchFile(site, "weights.pb", options), WEIGHTS);
    assert.deepEqual(slept, [wait]);
    assert.deepEqual(told, [`the server answered ${code}`]);
  }
});

Deno.test("download() gives up, in one line, and keeps what has arrived", async () => {
  const cases: [Fault, RegExp][] = [
    [
      onContent(EVERY.slice(3), status(503)),
      /^Cannot download "weights.pb": the server answered 503$/,
    ],
    [onContent(EVERY.slice(3), status(403)), /: the server answered 403$/],
    [onContent(EVERY.slice(3), status(416)), /: the server answered 416$/],
    [onContent(EVERY.slice(3), (_, answer) => cut(answer(), 0)), /: error reading a body/],
    [onContent([4], status(429, { "retry-after": "3600" })), /: the server answered 429$/],
  ];
  for (const [fault, message] of cases) {
    await using site = await standIn(REPOSITORY);
    site.fault = fault;
    await assert.rejects(fetchFile(site, "weights.pb", { connections: 1 }), refusal(message));
    assert.deepEqual((await blobs(site)).map((name) => name.slice(64)), [".part", ".part.map"]);
    site.fault = () => undefined;
    site.requests.length = 0;
    assert.deepEqual(await fetchFile(site), WEIGHTS);
    assert.equal(ranges(site).length, 7);
  }
});

Deno.test("download() waits longer each time before it gives up", async () => {
  await using site = await standIn(REPOSITORY);
  const slept: number[] = [];
  site.fault = onContent(EVERY, status(500));
  const options = { clock: impatientClock(slept), connections: 1 };
  await assert.rejects(fetchFile(site, "weights.pb", options), refusal(/answered 500$/));
  assert.deepEqual(slept, [750, 1500, 3000, 6000, 12000]);
});

Deno.test("download() gives up on a server that says nothing", async () => {
  await using site = await standIn(REPOSITORY);
  const waiting = Promise.withResolvers<Response>();
  site.fault = ({ host }) => host === "cdn" ? waiting.promise : undefined;
  const clock = { ...site.hub.clock, sleep: () => Promise.resolve() };
  const message = /: nothing arrived for 60 seconds$/;
  await assert.rejects(fetchFile(site, "weights.pb", { clock }), refusal(message));
  waiting.resolve(new Response());
});

Deno.test("download() removes what has the wrong hash, and says so", async () => {
  await using site = await standIn(REPOSITORY);
  const damaged = (_: Seen, answer: () => Response) =>
    new Response(
      answer().body!.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform: (piece, controller) => controller.enqueue(piece.map((byte) => byte ^ 1)),
        }),
      ),
      answer(),
    );
  site.fault = onContent([3], damaged);
  const message = /^Cannot download "weights.pb": what arrived is damaged: its hash is not the one/;
  await assert.rejects(fetchFile(site), refusal(message));
  assert.deepEqual(await blobs(site), []);
  assert.deepEqual(await fetchFile(site), WEIGHTS);
});

Deno.test("download() starts again if what an earlier process left is damaged", async () => {
  await using site = await standIn(REPOSITORY);
  const stop = new AbortController();
  const options = {
    connections: 1,
    signal: stop.signal,
    onBytes: (received: number) => received === 300 && stop.abort(new Error("stopped")),
  };
  await assert.rejects(fetchFile(site, "weights.pb", options), /stopped/);
  const part = (await blobs(site)).find((name) => name.endsWith(".part"))!;
  const path = join(site.hub.cacheFolder, "models--ada--dogs", "blobs", part);
  using file = await Deno.open(path, { write: true });
  await file.write(Uint8Array.of(WEIGHTS[0] ^ 1));
  assert.deepEqual(await fetchFile(site), WEIGHTS);
});

Deno.test("download() refuses a file that is not the one listed", async () => {
  const message = /^Cannot download "weights.pb": localhost:\d+ tells other facts about it than/;
  for (
    const promised of [
      { bytes: 999 },
      { hash: { algorithm: "sha256", hex: "0".repeat(64) } },
    ] as const
  ) {
    await using site = await standIn(REPOSITORY);
    await assert.rejects(fetchFile(site, "weights.pb", { promised }), refusal(message));
    assert.ok(!(await blobs(site)).some((name) => /^[0-9a-f]+$/.test(name)));
  }
});

Deno.test("download() takes the hash from the answer if the list has none", async () => {
  await using site = await standIn(REPOSITORY);
  const promised = { hash: undefined };
  assert.deepEqual(await fetchFile(site, "weights.pb", { promised }), WEIGHTS);
  assert.deepEqual(await fetchFile(site, "config.json", { promised }), CONFIG);
});

Deno.test("two download()s at once: one fetches, the other waits for it", async () => {
  await using site = await standIn(REPOSITORY);
  let waited = 0;
  const both = [1, 2].map(() => fetchFile(site, "weights.pb", { onWait: () => waited++ }));
  assert.deepEqual(await Promise.all(both), [WEIGHTS, WEIGHTS]);
  assert.equal(ranges(site).length, 10);
  assert.equal(waited, 1);
});

Deno.test("download() refuses redirects that lead nowhere", async () => {
  for (
    const [location, message] of [
      [(seen: Seen) => `${seen.path}x`, /^Cannot follow localhost:\d+: it redirects more than 10/],
      [() => "ftp://elsewhere/file", /^Cannot follow localhost:\d+: it redirects to "ftp:/],
      [() => "http://", /^Cannot follow localhost:\d+: it redirects to "http:\/\/"$/],
    ] as const
  ) {
    await using site = await standIn(REPOSITORY);
    site.fault = (seen) =>
      seen.method === "HEAD"
        ? new Response(null, { status: 307, headers: { location: location(seen) } })
        : undefined;
    await assert.rejects(fetchFile(site), refusal(message));
  }
});

Deno.test("download() says why a file may not be had", async () => {
  const cases: [number, Record<string, string>, string | undefined, RegExp, RegExp][] = [
    [403, { "x-error-code": "GatedRepo" }, undefined, /its owner wants its terms/, /HF_TOKEN/],
    [401, { "x-error-code": "GatedRepo" }, undefined, /its owner wants its terms/, /HF_TOKEN/],
    [401, {}, undefined, /no such repository, or it is private$/, /HF_TOKEN for a private/],
    [401, {}, "secret", /no such repository for this token$/, /what the token/],
    [404, { "x-error-code": "EntryNotFound" }, undefined, /there is no such file$/, /page/],
    [404, { "x-error-code": "RevisionNotFound" }, undefined, /no such revision$/, /branch/],
    [403, { "x-error-message": "Blocked" }, undefined, /answered 403, "Blocked"$/, /HF_TOKEN/],
    [418, {}, undefined, /localhost:\d+ answered 418$/, /HF_ENDPOINT/],
  ];
  for (const [code, headers, token, message, hint] of cases) {
    await using site = await standIn(REPOSITORY);
    site.fault = ({ method }) => method === "HEAD" ? status(code, headers)() : undefined;
    const options = token === undefined ? {} : { token };
    const refused = fetchFile(site, "weights.pb", options);
    await assert.rejects(refused, refusal(message));
    await assert.rejects(refused, ({ hint: said }) => hint.test(said));
  }
});

Deno.test(
  "download() says that the disk is full, and keeps what has arrived",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await using site = await standIn(REPOSITORY);
    const folder = join(site.hub.cacheFolder, "models--ada--dogs", "blobs");
    await Deno.mkdir(folder, { recursive: true });
    const repository = hubRepository(site.hub, "ada/dogs", "main");
    const files = await repository.list(await repository.commit());
    const { hash } = files.find(({ path }) => path === "weights.pb")!;
    // Whatever is written to this device finds no space left.
    await Deno.symlink("/dev/full", join(folder, `${hash!.hex}.part`));
    const message = /^Cannot download "weights.pb": no space left on device$/i;
    await assert.rejects(fetchFile(site), refusal(message));
  },
);
