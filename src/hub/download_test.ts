import assert from "node:assert/strict";
import { join } from "node:path";
import { cut, type Seen } from "../../tests/hub/answers.ts";
import {
  blobs,
  CONFIG,
  EVERY,
  fetchFile,
  onContent,
  ranges,
  REPOSITORY,
  status,
  WEIGHTS,
} from "../../tests/hub/fetch_file.ts";
import { type Fault, impatientClock, type StandIn, standIn } from "../../tests/hub/stand_in.ts";

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
  await fetchFile(site, "weights.pb", { token: { value: "secret", source: "HF_TOKEN" } });
  await fetchFile(site, "config.json", { token: { value: "secret", source: "HF_TOKEN" } });
  for (const { host, path, headers } of site.requests) {
    const shown = headers.get("authorization");
    if (host === "cdn") assert.equal(shown, null);
    else if (path.includes("/resolve")) assert.equal(shown, "Bearer secret");
  }
});

/** Downloads the first 300 bytes of the weights, and no more. */
async function interruptFetch(site: StandIn) {
  const stop = new AbortController();
  const options = {
    connections: 1,
    signal: stop.signal,
    onBytes: (received: number) => received === 300 && stop.abort(new Error("stopped")),
  };
  await assert.rejects(fetchFile(site, "weights.pb", options), /stopped/);
}

Deno.test("download() continues where an interruption left it", async () => {
  await using site = await standIn(REPOSITORY);
  await interruptFetch(site);
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

Deno.test("download() starts again if what an earlier process left is damaged", async () => {
  await using site = await standIn(REPOSITORY);
  await interruptFetch(site);
  const part = (await blobs(site)).find((name) => name.endsWith(".part"))!;
  const path = join(site.hub.cacheFolder, "models--ada--dogs", "blobs", part);
  using file = await Deno.open(path, { write: true });
  await file.write(Uint8Array.of(WEIGHTS[0] ^ 1));
  assert.deepEqual(await fetchFile(site), WEIGHTS);
});

Deno.test("download() takes the hash from the answer if the list has none", async () => {
  await using site = await standIn(REPOSITORY);
  const promised = { hash: undefined };
  assert.deepEqual(await fetchFile(site, "weights.pb", { promised }), WEIGHTS);
  assert.deepEqual(await fetchFile(site, "config.json", { promised }), CONFIG);
});

/** ETags that tell nothing about the content, though some look like a hash of it. */
const OTHER_ETAGS = [
  null,
  '"9b2cf535f27731c974343645a3985328"',
  '"9b2cf535f27731c974343645a3985328-3"',
  'W/"5d41402abc4b2a76"',
  '"' + "ab".repeat(20) + '"',
  `W/"${"CD".repeat(20)}"`,
  '"' + "ef".repeat(32) + '"',
  "not-even-quoted",
];

/** Changes the headers of every answer about a file. */
function relabel(change: (headers: Headers) => void): Fault {
  return ({ path }, answer) => {
    if (path.startsWith("/api/models/")) return undefined;
    const { body, status, headers } = answer();
    const changed = new Headers(headers);
    change(changed);
    return new Response(body, { status, headers: changed });
  };
}

Deno.test("download() judges by the bytes where a mirror's ETag is another digest", async () => {
  for (const name of ["etag", "x-linked-etag"]) {
    for (const etag of OTHER_ETAGS) {
      await using site = await standIn(REPOSITORY);
      site.fault = relabel((headers) => {
        headers.delete("x-linked-etag");
        headers.delete("etag");
        if (etag !== null) headers.set(name, etag);
      });
      assert.deepEqual(await fetchFile(site, "weights.pb"), WEIGHTS, `${name} ${etag}`);
      assert.deepEqual(await fetchFile(site, "config.json"), CONFIG, `${name} ${etag}`);
    }
  }
});

Deno.test("download() needs no HEAD request where a mirror refuses it", async () => {
  for (
    const refuse of [
      // A mirror whose links are signed for downloads alone.
      ({ host, method }: Seen) => host === "cdn" && method === "HEAD" ? 403 : undefined,
      ({ method }: Seen) => method === "HEAD" ? 405 : undefined,
      ({ method }: Seen) => method === "HEAD" ? 501 : undefined,
    ]
  ) {
    await using site = await standIn(REPOSITORY);
    const relabelled = relabel((headers) => headers.delete("x-linked-etag"));
    site.fault = (seen, answer) => {
      const code = refuse(seen);
      return code ? new Response(null, { status: code }) : relabelled(seen, answer);
    };
    assert.deepEqual(await fetchFile(site, "weights.pb"), WEIGHTS);
    assert.deepEqual(await fetchFile(site, "config.json"), CONFIG);
  }
});

Deno.test("download() minds no ETag that changes from one answer to the next", async () => {
  await using site = await standIn(REPOSITORY);
  let count = 0;
  site.fault = relabel((headers) => {
    headers.delete("x-linked-etag");
    headers.set("etag", `"${++count}"`);
    if (count === 3) site.expireLinks();
  });
  assert.deepEqual(await fetchFile(site, "weights.pb"), WEIGHTS);
});

Deno.test("download() without a listed hash takes a plain ETag only as a tag", async () => {
  const promised = { hash: undefined };
  for (const etag of OTHER_ETAGS) {
    await using site = await standIn(REPOSITORY);
    let weak = false;
    site.fault = relabel((headers) => {
      headers.delete("x-linked-etag");
      headers.delete("etag");
      // A cache on the way may weaken a tag.
      weak = !weak;
      if (etag !== null) headers.set("etag", etag.replace(/^(W\/)?/, weak ? "W/" : ""));
    });
    assert.deepEqual(await fetchFile(site, "weights.pb", { promised }), WEIGHTS, `${etag}`);
    assert.deepEqual(await fetchFile(site, "config.json", { promised }), CONFIG, `${etag}`);
  }
});

Deno.test("two download()s at once: one fetches, the other waits for it", async () => {
  await using site = await standIn(REPOSITORY);
  let waited = 0;
  const both = [1, 2].map(() => fetchFile(site, "weights.pb", { onWait: () => waited++ }));
  assert.deepEqual(await Promise.all(both), [WEIGHTS, WEIGHTS]);
  assert.equal(ranges(site).length, 10);
  assert.equal(waited, 1);
});
