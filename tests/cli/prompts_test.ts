/** Prompts that look odd, and are taken all the same. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runIn } from "./fake_io.ts";
import { temporaryFolder } from "./run.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
const FAST = ["--iterations", "1", "--size", "16", "--device", "cpu", "--emit", "mask"];
const UNKNOWN = 'warning: The model does not know the words "猫", "xyzzy"\n';

Deno.test("one warning names the words that the embedded model does not know", async () => {
  await using folder = await temporaryFolder();
  const prompts = ["a 猫", "a Dog", "an xyzzy and a 猫"];
  const { stderr } = await runIn(["segment", IMAGE, ...prompts, ...FAST], folder.path);
  assert(stderr.startsWith(UNKNOWN), stderr);
  assert.equal(stderr.split("does not know").length, 2);

  const clip = await runIn(["segment", IMAGE, ...prompts, ...FAST, "--loss", "clip"], folder.path);
  assert(clip.stderr.startsWith(UNKNOWN), clip.stderr);
});

Deno.test("an ablation warns once, and --quiet not at all", async () => {
  await using folder = await temporaryFolder();
  const args = ["ablate", "blur", IMAGE, "a 猫 and an xyzzy"];
  const fast = ["--iterations", "1", "--size", "16", "--device", "cpu"];
  assert.equal((await runIn([...args, ...fast], folder.path)).stderr, UNKNOWN);
  assert.equal((await runIn([...args, ...fast, "--quiet"], folder.path)).stderr, "");
});

Deno.test("a negative prompt of which nothing is left counts as empty, and a line says so", async () => {
  await using folder = await temporaryFolder();
  const sample = async (...args: string[]) => {
    const all = ["sample", "a dog", "--steps", "1", "--device", "cpu", ...args];
    const { code, stderr } = await runIn(all, folder.path);
    const { settings } = JSON.parse(
      await Deno.readTextFile(`${folder.path}/peekaboo-out/sample.json`),
    );
    const image = await Deno.readFile(`${folder.path}/peekaboo-out/sample.a-dog.png`);
    return { code, stderr, image, negative: settings.negativePrompt };
  };
  const plain = await sample();
  assert.deepEqual([plain.code, plain.stderr], [0, ""]);
  const blank = await sample("--negative-prompt", "猫");
  assert.equal(
    blank.stderr,
    'warning: The negative prompt "猫" counts as empty: the tokenizer knows none of its characters\n',
  );
  assert.deepEqual([blank.code, blank.image, blank.negative], [0, plain.image, "猫"]);
  const empty = await sample("--negative-prompt", "");
  assert.deepEqual([empty.code, empty.stderr], [0, ""]);
});

Deno.test("a prompt with a dash stands after --, and one that names a folder among its words is one", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/dog`);
  const args = ["segment", IMAGE, ...FAST, "--quiet", "--", "-a dog", "the dog", "dog.png dog"];
  const { stderr } = await runIn(args, folder.path);
  assert.doesNotMatch(stderr, /option|folder|wanted/);
  const { results } = JSON.parse(await Deno.readTextFile(`${folder.path}/peekaboo-out/rgb.json`));
  assert.deepEqual(results.map(({ prompt }: { prompt: string }) => prompt), args.slice(-3));
});

Deno.test("a prompt as long as no path may be is looked at as words", async () => {
  await using folder = await temporaryFolder();
  const long = "dog ".repeat(3000);
  const { stderr } = await runIn(["segment", IMAGE, long, ...FAST], folder.path);
  assert.match(stderr, /^warning: Prompt "dog dog [^\n]*…" is \d+ tokens longer/);
});
