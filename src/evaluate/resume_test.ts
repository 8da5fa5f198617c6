import assert from "node:assert/strict";
import { everything, queries, truth } from "../../tests/queries.ts";
import { GENERIC_DEFAULTS } from "../catalog/models.ts";
import { resolveSettings } from "../settings/settings.ts";
import type { Segmenter } from "./evaluate.ts";
import { resume } from "./resume.ts";
import { openRunFile, type RunFile, type RunKey } from "./run_file.ts";

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
