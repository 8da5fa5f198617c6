/** A token that the hub does not know, or does not know any more. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../../tests/cli/fake_io.ts";
import { commitOf } from "../../tests/hub/answers.ts";
import { CONFIG, fetchFile, REPOSITORY, WEIGHTS } from "../../tests/hub/fetch_file.ts";
import { layoutFiles } from "../../tests/hub/repositories.ts";
import { type StandIn, standIn } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { planPull, pull } from "../catalog/pull.ts";
import { remoteModel } from "../catalog/remote_model.ts";
import { request } from "./request.ts";

/** A hub whose token is invalid, and the warnings that it gave. */
function stale(value = "stale", source = "HF_TOKEN") {
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  return { token: { value, source }, warnings, onWarning };
}

const WARNING = /^localhost:\d+ says that the token in HF_TOKEN is invalid; going on without it$/;

/** Counts the requests that carried the token. */
const shown = (site: StandIn) =>
  site.requests.filter(({ headers }) => headers.has("authorization")).length;

Deno.test("request() goes on without a token that is refused, whatever the method", async () => {
  for (const method of ["GET", "HEAD"] as const) {
    await using site = await standIn(REPOSITORY);
    const options = stale();
    const hub = { ...site.hub, ...options };
    const url = new URL(`ada/dogs/resolve/${commitOf("main")}/config.json`, site.endpoint);
    for (let i = 0; i < 2; i++) {
      const response = await request(hub, url, { method });
      await response.body?.cancel();
      assert.equal(response.status, 307, method);
    }
    assert.deepEqual(site.requests.map((seen) => seen.method), [method, method, method]);
    assert.equal(shown(site), 1, "it is not shown again");
    assert.equal(options.warnings.length, 1);
    assert.match(options.warnings[0], WARNING);
  }
});

Deno.test("request() says once that several requests at a time were refused", async () => {
  await using site = await standIn(REPOSITORY);
  const options = stale();
  const hub = { ...site.hub, ...options };
  const url = new URL("api/models/ada/dogs/revision/main", site.endpoint);
  // None is answered before all four are there.
  const all = Promise.withResolvers<void>();
  site.fault = async ({ headers }, answer) => {
    if (headers.has("authorization") && shown(site) === 4) all.resolve();
    await all.promise;
    return answer();
  };
  const answers = await Promise.all(Array.from({ length: 4 }, () => request(hub, url)));
  for (const answer of answers) assert.equal((await answer.json()).sha, commitOf("main"));
  assert.equal(shown(site), 4);
  assert.equal(options.warnings.length, 1);
});

Deno.test("request() knows the hub's words for a token that has expired", async () => {
  await using site = await standIn(REPOSITORY);
  const options = stale("secret");
  site.fault = ({ headers }) =>
    headers.has("authorization")
      ? new Response(null, {
        status: 401,
        headers: { "x-error-message": 'User Access Token "mine" is expired' },
      })
      : undefined;
  assert.deepEqual(await fetchFile(site, "config.json", options), CONFIG);
  assert.equal(options.warnings.length, 1);
});

Deno.test("download() gets public files without the token that is refused", async () => {
  await using site = await standIn(REPOSITORY);
  const options = stale();
  assert.deepEqual(await fetchFile(site, "weights.pb", options), WEIGHTS);
  assert.deepEqual(await fetchFile(site, "config.json", options), CONFIG);
  assert.equal(shown(site), 1);
  assert.equal(options.warnings.length, 1);
});

Deno.test("download() goes on when the token is revoked while four chunks arrive", async () => {
  await using site = await standIn(REPOSITORY);
  const options = stale("secret");
  // Four chunks arrive; the next four find their link expired, and the hub is asked for another.
  let content = 0;
  site.fault = ({ host, method }) => {
    if (host !== "cdn" || method !== "GET" || ++content > 8) return undefined;
    site.tokens.clear();
    return content > 4 ? new Response(null, { status: 403 }) : undefined;
  };
  assert.deepEqual(await fetchFile(site, "weights.pb", options), WEIGHTS);
  assert.equal(options.warnings.length, 1);
  const hub = site.requests.filter(({ host }) => host === "hub");
  assert.equal(hub.at(-1)!.headers.get("authorization"), null);
});

Deno.test("download() shows no token to another host that asks for one", async () => {
  await using site = await standIn(REPOSITORY);
  const options = stale("secret");
  const message = "Invalid credentials in Authorization header";
  site.fault = ({ host }) =>
    host === "cdn"
      ? new Response(null, { status: 401, headers: { "x-error-message": message } })
      : undefined;
  await assert.rejects(fetchFile(site, "weights.pb", options), refusal(/answered 401$/));
  const cdn = site.requests.filter(({ host }) => host === "cdn");
  assert.ok(cdn.every(({ headers }) => !headers.has("authorization")));
  assert.deepEqual(options.warnings, [], "the hub itself has not refused it");
});

Deno.test("pull() says that the token is invalid where the repository needs one", async () => {
  const repositories = { "ada/dogs": { main: layoutFiles(1) } };
  const ask = async (site: StandIn, name: string, source = "HF_TOKEN") => {
    const hub = { ...site.hub, ...stale("stale", source) };
    return await pull(await planPull(remoteModel(name, hub), hub), hub);
  };
  await using site = await standIn(repositories);
  await ask(site, "ada/dogs");
  const gone =
    /^Cannot find "ada\/cats": there is no such repository, or it is private; the token in HF_TOKEN is invalid$/;
  await assert.rejects(ask(site, "ada/cats"), refusal(gone));
  site.hidden.add("ada/dogs");
  const path = /it is private; the token in "\/home\/ada\/token" is invalid$/;
  const refused = ask(site, "ada/dogs", '"/home/ada/token"');
  await assert.rejects(refused, refusal(path));
  await assert.rejects(
    refused,
    ({ hint }) => /^put a valid token in "\/home\/ada\/token", or remove it; /.test(hint),
  );
  for (
    const [status, code, says] of [
      [401, "GatedRepo", /its owner wants its terms accepted first; the token in HF_TOKEN is/],
      [403, "GatedRepo", /its owner wants its terms accepted first; the token in HF_TOKEN is/],
      [404, "RevisionNotFound", /no such revision; the token in HF_TOKEN is invalid$/],
      [403, "", /answered 403; the token in HF_TOKEN is invalid$/],
      [418, "", /answered 418$/],
    ] as const
  ) {
    site.fault = ({ headers }) =>
      headers.has("authorization")
        ? undefined
        : new Response(null, { status, headers: { ...(code && { "x-error-code": code }) } });
    await assert.rejects(ask(site, "ada/dogs"), refusal(says));
  }
});

Deno.test("pull() gets a private repository with a valid token", async () => {
  await using site = await standIn({ "ada/dogs": { main: layoutFiles(1) } });
  site.hidden.add("ada/dogs");
  const options = stale("secret");
  const hub = { ...site.hub, ...options };
  const { missing } = await pull(await planPull(remoteModel("ada/dogs", hub), hub), hub);
  assert.deepEqual([missing, options.warnings], [[], []]);
});

Deno.test("models pull warns of a token's variable or file once, and not with --quiet", async () => {
  await using site = await standIn({ "ada/dogs": { main: layoutFiles(1) } });
  const path = join(site.folder, "token");
  await Deno.writeTextFile(path, "stale\n");
  const models = (line: string, env: Record<string, string> = {}) =>
    runHere(["models", ...line.split(" ")], {
      env: { HF_ENDPOINT: site.endpoint.href, HF_HOME: site.folder, ...env },
      cacheFolder: join(site.folder, "cache"),
    });
  const quiet = await models("pull ada/dogs --quiet");
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
  await models("rm ada/dogs");
  for (const [source, env] of [[`"${path}"`, {}], ["HF_TOKEN", { HF_TOKEN: "old" }]] as const) {
    const { code, stderr } = await models("pull ada/dogs", env);
    const says = `says that the token in ${source} is invalid; going on without it`;
    assert.equal(stderr, `warning: ${site.endpoint.host} ${says}\n`);
    assert.equal(code, 0);
    await models("rm ada/dogs", env);
  }
  site.hidden.add("ada/dogs");
  const { code, stderr } = await models("pull ada/dogs");
  assert.match(stderr, /^warning: [^\n]+\nerror: Cannot find "ada\/dogs": [^\n]+\n$/);
  assert.equal(code, 2);
});
