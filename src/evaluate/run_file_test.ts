import assert from "node:assert/strict";
import { temporaryFolder } from "../../tests/cli/run.ts";
import { UserError } from "../errors.ts";
import { GENERIC_DEFAULTS } from "../catalog/models.ts";
import { resolveSettings } from "../settings/settings.ts";
import { openRunFile, type RunKey } from "./run_file.ts";

const key: RunKey = {
  set: "emoji-c",
  split: "val",
  size: 128,
  model: "emoji",
  sha256: "12",
  device: "cpu",
  settings: resolveSettings(GENERIC_DEFAULTS, {}, 1000),
};
const dog = { prompt: "a dog", kind: "word", iou: 0.9, wholeImageIou: 0.2, seconds: 3 };
const cat = { ...dog, prompt: "a cat", iou: 0.7 };

Deno.test("a run file has answers on disk at once, and goes on with those of the same key", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/runs.json`;
  const first = await openRunFile(path);
  assert.deepEqual(first.results(key), []);
  await first.add(key, dog);

  const second = await openRunFile(path);
  assert.deepEqual(second.results(key), [dog]);
  await second.add(key, cat);
  const other = { ...key, settings: { ...key.settings, lambda: 7 } };
  await second.add(other, cat);
  for (const runs of [second, await openRunFile(path)]) {
    assert.deepEqual(runs.results(key), [dog, cat]);
    assert.deepEqual(runs.results(other), [cat]);
    assert.deepEqual(runs.results({ ...key, sha256: "34" }), []);
  }
  const { runs } = JSON.parse(await Deno.readTextFile(path));
  assert.deepEqual([runs.length, runs[0].set, runs[0].evaluation.meanIou], [2, "emoji-c", 0.8]);
});

Deno.test("a run file without a path is in memory", async () => {
  const runs = await openRunFile();
  await runs.add(key, dog);
  assert.deepEqual(runs.results(key), [dog]);
});

Deno.test("a run file refuses other files, and leaves them alone", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/other.json`;
  for (const text of ["", "{}", '{"runs": [{"evaluation": {"results": [{"iou": 1}]}}]}']) {
    await Deno.writeTextFile(path, text);
    await assert.rejects(openRunFile(path), UserError);
    assert.equal(await Deno.readTextFile(path), text);
  }
  await assert.rejects(openRunFile(folder.path), UserError);
});
