/** Nothing that Peekaboo did not write is replaced; its own files are. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runIn } from "./fake_io.ts";
import { filesIn, temporaryFolder } from "./run.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
const CPU = ["--device", "cpu", "--out", "out"];
const FEW = [...CPU, "--iterations", "1", "--size", "16"];

const COMMANDS: readonly (readonly string[])[] = [
  ["segment", IMAGE, "a dog", "a dog", ...FEW, "--timelapse", "--exclusive"],
  ["segment", IMAGE, "a dog", "a cat", ...FEW, "--mean", "--emit", "mask"],
  ["generate", "a dog", ...FEW, "--timelapse-every", "1"],
  ["grid", "--foreground", "a dog", "--background", "a tree", ...FEW, "--timelapse"],
  ["sample", "a dog", "a cat", ...CPU, "--steps", "1", "--count", "2"],
  ["sample", "a dog", ...CPU, "--steps", "1"],
  ["ablate", "blur", IMAGE, "a dog", ...FEW],
];

for (const args of COMMANDS) {
  const name = args.filter((arg) => arg !== IMAGE && !FEW.includes(arg)).join(" ");

  Deno.test(`${name}: replaces its own files, and no other`, async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/out`;
    const first = await runIn(args, folder.path);
    assert([0, 4].includes(first.code), first.stderr);
    const written = await filesIn(path);
    assert.equal((await runIn(args, folder.path)).code, first.code);
    assert.deepEqual(await filesIn(path), written);

    // Every file without the others: no report lists it.
    for (const file of written) {
      await Deno.rename(`${path}/${file}`, `${folder.path}/${file}`);
    }
    for (const file of written) {
      await Deno.writeTextFile(`${path}/${file}`, "mine");
      const { code, stdout, stderr } = await runIn(args, folder.path);
      assert.deepEqual([code, stdout], [2, ""], file);
      const shown = `out/${file}`;
      assert.equal(
        stderr,
        `error: Cannot replace "${shown}": Peekaboo did not write it ` +
          "(choose another folder for the results, or give --overwrite)\n",
      );
      assert.deepEqual(await filesIn(path), [file]);
      assert.equal(await Deno.readTextFile(`${path}/${file}`), "mine");
      await Deno.remove(`${path}/${file}`);
    }
  });
}

Deno.test("a file of another prompt's earlier run is known without the report that listed it", async () => {
  await using folder = await temporaryFolder();
  for (const prompt of ["a dog", "a cat", "a dog"]) {
    const { code, stderr } = await runIn(["segment", IMAGE, prompt, ...FEW], folder.path);
    assert([0, 4].includes(code), stderr);
  }
  assert.equal((await filesIn(`${folder.path}/out`)).length, 9);
});

Deno.test("--overwrite replaces what is not ours", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/out`);
  await Deno.writeTextFile(`${folder.path}/out/rgb.json`, '{"camera": "a"}');
  const args = ["segment", IMAGE, "a dog", ...FEW, "--emit", "mask"];
  assert.equal((await runIn(args, folder.path)).code, 2);
  assert.equal(await Deno.readTextFile(`${folder.path}/out/rgb.json`), '{"camera": "a"}');
  const { code, stderr } = await runIn([...args, "--overwrite"], folder.path);
  assert([0, 4].includes(code), stderr);
  assert(JSON.parse(await Deno.readTextFile(`${folder.path}/out/rgb.json`)).sha256);
});
