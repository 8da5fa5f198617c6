/** The table of settings, and what is derived from it. */
import assert from "node:assert/strict";
import * as v from "npm:valibot@1.5.0";
import { settingOption, settingsGiven } from "../../src/cli/options.ts";
import { JOBS, ROWS, SETTINGS, settingsOf } from "../../src/settings/table.ts";
import { SETTINGS_PAGE, settingsPage } from "../../tasks/settings.ts";

Deno.test("docs/settings.md is what `deno task settings` writes", async () => {
  assert.equal(await Deno.readTextFile(SETTINGS_PAGE), await settingsPage());
});

Deno.test("every default of the table is in its setting's range", () => {
  const defaults = ROWS.filter(([, row]) => row.default !== undefined);
  assert(defaults.length > 5);
  for (const [name, row] of defaults) assert(v.is(row.schema, row.default), name);
});

Deno.test("no command has two settings with one option, or with one name", () => {
  for (const job of JOBS) {
    const rows = settingsOf(job);
    const flags = rows.flatMap(([, { flag }]) => flag?.split(" ")[0] ?? []);
    assert.equal(new Set(flags).size, flags.length, job);
    const names = rows.map(([name, row]) => row.names?.[job] ?? name);
    assert.equal(new Set(names).size, names.length, job);
  }
});

Deno.test("an option has the table's help and range, and its command's sentence", () => {
  const size = (job: "segment" | "grid") => settingOption("alphaSize", job).description;
  const range = "a whole number from 16 to 2048, a multiple of 8";
  assert.equal(size("segment"), `side of the optimised mask: ${range}`);
  assert.equal(size("grid"), `side of the images: ${range}`);
  assert.deepEqual(settingOption("optimizer", "grid").argChoices, ["sgd", "adam"]);
  assert.equal(settingOption("count", "sample").defaultValue, SETTINGS.count.default);
});

Deno.test("`--size` is `alphaSize` of masks, and `size` of images", () => {
  const options = { size: 64, init: "mask.png", device: "cpu", tMin: 3 };
  const { alphaSize, tMin, ...segment } = settingsGiven("segment", options);
  assert.deepEqual([alphaSize, tMin], [64, 3]);
  for (const name of ["size", "init", "device"]) assert(!(name in segment), name);
  assert.equal(settingsGiven("generate", options).size, 64);
  assert.equal(settingsGiven("sample", options).size, 64);
});
