import assert from "node:assert/strict";
import { everything, nothing, queries, truth } from "../../tests/queries.ts";
import type { Image } from "../image/image.ts";
import { answers, evaluate, type EvaluateOptions, resume, type Segmenter } from "./evaluate.ts";
import { summarize, wholeImage } from "./metrics.ts";
import { GENERIC_DEFAULTS } from "../catalog/models.ts";
import { resolveSettings } from "../settings/settings.ts";
import { openRunFile, type RunFile, type RunKey } from "./run_file.ts";

const clock = () => 0;
const ask = (segmenter: Segmenter, options: EvaluateOptions = { clock }) =>
  Array.fromAsync(answers(queries, segmenter, options));

Deno.test("answers say what was asked, how well it was answered and how fast", async () => {
  let now = 1000;
  const slow = (image: Image) => {
    now += 500;
    return truth(image);
  };
  const [first, second] = await ask(slow, { clock: () => now });
  assert.deepEqual(first, {
    prompt: "a dog",
    kind: "word",
    iou: 1,
    wholeImageIou: 0.2,
    seconds: 0.5,
  });
  assert.deepEqual([second.prompt, second.kind, second.wholeImageIou], [
    "a red cat",
    "colour",
    0.7,
  ]);
});

Deno.test("answers threshold α as told", async () => {
  const faint = async (image: Image) => (await truth(image)).map((a) => 0.3 * a);
  assert.deepEqual((await ask(faint)).map(({ iou }) => iou), [0, 0]);
  assert.deepEqual((await ask(faint, { clock, threshold: 0.25 })).map(({ iou }) => iou), [1, 1]);
});

Deno.test("answers take queries as they are made, and come one by one", async () => {
  const log: string[] = [];
  async function* made() {
    for (const query of queries) {
      log.push(`made ${query.prompt}`);
      yield await Promise.resolve(query);
    }
  }
  const segmenter = (image: Image, prompt: string) => {
    log.push(`asked ${prompt}`);
    return truth(image);
  };
  for await (const { prompt } of answers(made(), segmenter, { clock })) log.push(`got ${prompt}`);
  assert.deepEqual(
    log,
    ["a dog", "a red cat"].flatMap((
      prompt,
    ) => [`made ${prompt}`, `asked ${prompt}`, `got ${prompt}`]),
  );
});

Deno.test("evaluate gives the truth full marks, and the whole image its area", async () => {
  const perfect = await evaluate(queries, truth, { clock });
  assert.equal(perfect.meanIou, 1);
  assert.deepEqual(perfect.precision, { "0.2": 1, "0.4": 1, "0.6": 1, "0.8": 1 });

  const whole = await evaluate(queries, everything, { clock });
  assert.ok(Math.abs(whole.meanIou - 0.45) < 1e-12);
  assert.deepEqual(whole.precision, { "0.2": 0.5, "0.4": 0.5, "0.6": 0.5, "0.8": 0 });
  assert.deepEqual(summarize(wholeImage(perfect.results)), whole);

  const empty = await evaluate(queries, nothing, { clock });
  assert.equal(empty.meanIou, 0);
});

Deno.test("evaluate refuses no queries, and an answer of another size", async () => {
  await assert.rejects(evaluate([], truth, { clock }), RangeError);
  const small = () => Promise.resolve(new Float32Array(3));
  await assert.rejects(evaluate(queries, small, { clock }), RangeError);
});

const key: RunKey = {
  set: "pets",
  split: "val",
  size: 10,
  model: "stub",
  sha256: "12",
  device: "cpu",
  settings: resolveSettings(GENERIC_DEFAULTS, {}, 1000),
};
const go = (runs: RunFile, segmenter: Segmenter, more: { signal?: AbortSignal } = {}) =>
  resume(runs, key, (place) => queries.slice(place), segmenter, { clock: () => 0, ...more });
const ious = (runs: RunFile) => runs.results(key).map(({ iou }) => iou);

Deno.test("resume asks everything once, and tells of each answer once it is kept", async () => {
  const runs = await openRunFile();
  const told: [string, number, number][] = [];
  await resume(runs, key, (place) => queries.slice(place), truth, {
    clock: () => 0,
    onResult: (prompt, iou) => told.push([prompt, iou, runs.results(key).length]),
  });
  assert.deepEqual(told, [["a dog", 1, 1], ["a red cat", 1, 2]]);
  // Nothing is left to ask.
  await go(runs, everything);
  assert.deepEqual(ious(runs), [1, 1]);
});

Deno.test("resume drops the answer it was stopped in, and asks again when it goes on", async () => {
  for (const stopped of ["a partial answer", "an error"]) {
    const runs = await openRunFile();
    const stopping = new AbortController();
    const { signal } = stopping;
    await go(runs, async (image, prompt) => {
      if (prompt === "a dog") return await truth(image);
      stopping.abort();
      if (stopped === "an error") throw signal.reason;
      return await everything();
    }, { signal });
    assert.deepEqual(ious(runs), [1], stopped);
    await go(runs, truth, { signal });
    assert.deepEqual(ious(runs), [1]);
    await go(runs, truth);
    assert.deepEqual(ious(runs), [1, 1]);
  }
});

Deno.test("resume gives on the segmenter's errors", async () => {
  const runs = await openRunFile();
  const broken = () => Promise.reject(new Error("broken"));
  await assert.rejects(go(runs, broken, { signal: new AbortController().signal }), /broken/);
});
