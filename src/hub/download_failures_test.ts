import assert from "node:assert/strict";
import { join } from "node:path";
import { cut, type Seen } from "../../tests/hub/answers.ts";
import {
  blobs,
  EVERY,
  fetchFile,
  onContent,
  ranges,
  REPOSITORY,
  status,
  WEIGHTS,
} from "../../tests/hub/fetch_file.ts";
import { type Fault, impatientClock, standIn } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { hubRepository } from "./repository.ts";

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
  const message = /^Cannot download "weights.pb": the download is damaged: its hash is not the one/;
  await assert.rejects(fetchFile(site), refusal(message));
  assert.deepEqual(await blobs(site), []);
  assert.deepEqual(await fetchFile(site), WEIGHTS);
});

Deno.test("download() refuses a file that is not the one listed", async () => {
  const hash = { algorithm: "sha256", hex: "0".repeat(64) } as const;
  for (
    const [promised, message] of [
      [{ bytes: 999 }, /^Cannot download "weights.pb": localhost:\d+ describes another file than/],
      [{ hash }, /^Cannot download "weights.pb": the download is damaged: its hash is not the one/],
    ] as const
  ) {
    await using site = await standIn(REPOSITORY);
    await assert.rejects(fetchFile(site, "weights.pb", { promised }), refusal(message));
    assert.ok(!(await blobs(site)).some((name) => /^[0-9a-f]+$/.test(name)));
  }
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

Deno.test("download() says why the server refuses a file", async () => {
  const cases: [number, Record<string, string>, string | undefined, RegExp, RegExp][] = [
    [403, { "x-error-code": "GatedRepo" }, undefined, /its owner wants its terms/, /HF_TOKEN/],
    [401, { "x-error-code": "GatedRepo" }, undefined, /its owner wants its terms/, /HF_TOKEN/],
    [401, {}, undefined, /no such repository, or it is private$/, /HF_TOKEN for a private/],
    [401, {}, "secret", /no such repository for this token$/, /token in "a\/token" may/],
    [403, {}, "secret", /localhost:\d+ answered 403$/, /token in "a\/token" may/],
    [
      403,
      { "x-error-code": "GatedRepo" },
      "secret",
      /terms/,
      /account of the token in "a\/token"$/,
    ],
    [404, { "x-error-code": "EntryNotFound" }, undefined, /there is no such file$/, /page/],
    [404, { "x-error-code": "RevisionNotFound" }, undefined, /no such revision$/, /branch/],
    [403, { "x-error-message": "Blocked" }, undefined, /answered 403, "Blocked"$/, /HF_TOKEN/],
    [418, {}, undefined, /localhost:\d+ answered 418$/, /HF_ENDPOINT/],
  ];
  for (const [code, headers, token, message, hint] of cases) {
    await using site = await standIn(REPOSITORY);
    site.fault = ({ method }) => method === "HEAD" ? status(code, headers)() : undefined;
    const options = token === undefined ? {} : { token: { value: token, source: '"a/token"' } };
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
