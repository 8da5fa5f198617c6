import assert from "node:assert/strict";
import { commitOf, gitSha1, sha256 } from "../../tests/hub/answers.ts";
import { bytesOf, standIn } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { hubRepository, releaseRepository } from "./repository.ts";

const FILES = Object.fromEntries(
  ["README.md", "a b/ü.json", "model_index.json", "unet/model.onnx", "unet/weights.pb"]
    .map((path, i) => [path, bytesOf(100 * i, i)]),
);
const REPOSITORY = { "ada/dogs": { main: FILES, "refs/pr/1": {} } };

Deno.test("hubRepository() lists all pages, with the contents' lengths and hashes", async () => {
  await using site = await standIn(REPOSITORY);
  const repository = hubRepository(site.hub, "ada/dogs", "main");
  const commit = await repository.commit();
  assert.equal(commit, commitOf("main"));
  const files = Object.entries(FILES).map(([path, bytes]) => ({
    path,
    bytes: bytes.length,
    hash: bytes.length < 200
      ? { algorithm: "git-sha1", hex: gitSha1(bytes) }
      : { algorithm: "sha256", hex: sha256(bytes) },
  }));
  assert.deepEqual(await repository.list(commit), files);
});

Deno.test("hubRepository() does not take a pointer's hash for the content's", async () => {
  await using site = await standIn(REPOSITORY);
  site.fault = ({ path }) =>
    path.includes("/tree/")
      ? Response.json([{ type: "file", path: "x", size: 5, oid: "0".repeat(40), xetHash: "1" }])
      : undefined;
  const repository = hubRepository(site.hub, "ada/dogs", "main");
  const [{ hash }] = await repository.list(commitOf("main"));
  assert.equal(hash, undefined);
});

Deno.test("hubRepository() takes null in a mirror's list for absent", async () => {
  await using site = await standIn(REPOSITORY);
  const [oid, sha] = ["12".repeat(20), "34".repeat(32)];
  const entry = { type: "file", size: 5, oid, lastCommit: null };
  site.fault = ({ path }) =>
    path.includes("/tree/")
      ? Response.json([
        { ...entry, path: "small", lfs: null, xetHash: null },
        { ...entry, path: "large", lfs: { oid: sha, size: 9, pointerSize: null }, xetHash: null },
      ])
      : undefined;
  const files = await hubRepository(site.hub, "ada/dogs", "main").list(commitOf("main"));
  assert.deepEqual(files, [
    { path: "small", bytes: 5, hash: { algorithm: "git-sha1", hex: oid } },
    { path: "large", bytes: 9, hash: { algorithm: "sha256", hex: sha } },
  ]);
});

Deno.test("hubRepository() asks for revisions and paths with any name", async () => {
  await using site = await standIn(REPOSITORY);
  const repository = hubRepository(site.hub, "ada/dogs", "refs/pr/1");
  assert.equal(await repository.commit(), commitOf("refs/pr/1"));
  const response = await fetch(repository.url(commitOf("main"), "a b/ü.json"), {
    headers: { "accept-encoding": "identity" },
  });
  assert.deepEqual(await response.bytes(), FILES["a b/ü.json"]);
});

Deno.test("hubRepository() does not ask which commit a commit is", async () => {
  await using site = await standIn(REPOSITORY);
  const commit = commitOf("main");
  assert.equal(await hubRepository(site.hub, "ada/dogs", commit).commit(), commit);
  assert.deepEqual(site.requests, []);
});

Deno.test("hubRepository() follows a repository that was renamed", async () => {
  await using site = await standIn(REPOSITORY);
  site.fault = ({ path }) =>
    path.includes("/ada/cats/")
      ? new Response(null, {
        status: 307,
        headers: { location: path.replace("/ada/cats/", "/ada/dogs/") },
      })
      : undefined;
  assert.equal(await hubRepository(site.hub, "ada/cats", "main").commit(), commitOf("main"));
});

Deno.test("hubRepository() says what is not there", async () => {
  await using site = await standIn(REPOSITORY);
  const cases: [string, string, RegExp][] = [
    [
      "ada/cats",
      "main",
      /^Cannot find "ada\/cats": there is no such repository, or it is private$/,
    ],
    ["ada/dogs", "v9", /^Cannot find "ada\/dogs@v9": there is no such revision$/],
  ];
  for (const [name, revision, message] of cases) {
    await assert.rejects(hubRepository(site.hub, name, revision).commit(), refusal(message));
  }
});

Deno.test("hubRepository() refuses answers that are not the protocol's", async () => {
  const tree = (path: string) => () =>
    Response.json([{ type: "file", path, size: 5, oid: "0".repeat(40) }]);
  const cases: [() => Response, RegExp][] = [
    [() => new Response("<html>"), /^Cannot read "http:.*\/tree\/.*": Unexpected token/],
    [() => Response.json([{ type: "file" }]), /field "0.path": missing$/],
    ...["../x", "/etc/passwd", "a/./b", "a\\b", "C:x", "a//b", "a\nb"].map(
      (
        path,
      ): [() => Response, RegExp] => [tree(path), /^Cannot find "ada\/dogs": it lists the file/],
    ),
  ];
  for (const [answer, message] of cases) {
    await using site = await standIn(REPOSITORY);
    site.fault = ({ path }) => path.includes("/tree/") ? answer() : undefined;
    const repository = hubRepository(site.hub, "ada/dogs", "main");
    await assert.rejects(repository.list(commitOf("main")), refusal(message));
  }
});

Deno.test("hubRepository() tries again when the hub is busy, and says so", async () => {
  await using site = await standIn(REPOSITORY);
  let busy = 2;
  site.fault = () => busy-- > 0 ? new Response(null, { status: 503 }) : undefined;
  const told: string[] = [];
  const onRetry = (reason: string) => told.push(reason);
  const repository = hubRepository(site.hub, "ada/dogs", "main", onRetry);
  assert.equal(await repository.commit(), commitOf("main"));
  assert.deepEqual(told, Array(2).fill("the server answered 503"));
});

Deno.test("hubRepository() says that it cannot reach the hub", async () => {
  const site = await standIn(REPOSITORY);
  await site[Symbol.asyncDispose]();
  await assert.rejects(
    hubRepository(site.hub, "ada/dogs", "main").commit(),
    refusal(/^Cannot find "ada\/dogs": client error .*refused/i),
  );
});

Deno.test("releaseRepository() asks for a release's file by its name", async () => {
  await using site = await standIn({});
  const { href } = releaseRepository(site.hub, "ada/dogs", "v1", ["x.onnx"]).url("v1", "x.onnx");
  assert.equal(href, "https://github.com/ada/dogs/releases/download/v1/x.onnx");
});
