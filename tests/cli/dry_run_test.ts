import assert from "node:assert/strict";
import { runIn } from "./fake_io.ts";
import { filesIn, temporaryFolder } from "./run.ts";

Deno.test("--dry-run prints what a run takes, for each way to run it, and runs nothing", async () => {
  await using folder = await temporaryFolder();
  const args = ["segment", "none.png", "a dog", "a cat", "--dry-run", "--device", "cpu"];
  const { code, stdout, stderr } = await runIn(args, folder.path);
  assert.deepEqual([code, stderr], [0, ""]);
  const [title, ...lines] = stdout.trimEnd().split("\n");
  assert.equal(title, "emoji, 2 prompts at once");
  assert.deepEqual(lines.map((line) => line.split(/ +/).slice(1, 4).join(" ")), [
    "fp32 --recompute cheap",
    "fp32 --recompute none",
    "fp32 --recompute most",
  ]);
  for (const line of lines) assert.match(line, /MiB: weights .* running .* fits a card of 4 GiB$/);
  assert.deepEqual(await filesIn(folder.path), []);

  const json = await runIn([...args, "--json"], folder.path);
  const { model, prompts, memory } = JSON.parse(json.stdout);
  assert.deepEqual([model, prompts, memory.length], ["emoji", 2, 3]);
  for (const { total, weights, activations } of memory) {
    assert.equal(total, weights + activations);
    assert.ok(weights > 2e7);
  }
});

Deno.test("doctor says what a model takes", async () => {
  await using folder = await temporaryFolder();
  const args = ["doctor", "--model", "emoji", "--device", "cpu", "--json"];
  const { code, stdout } = await runIn(args, folder.path);
  assert.equal(code, 0);
  const facts = JSON.parse(stdout).sections["Memory of emoji, one prompt"];
  assert.match(facts["fp32 --recompute most"], /MiB: weights .* fits a card of 4 GiB$/);
});
