import assert from "node:assert/strict";
import golden from "../../tests/golden/tokenizer/golden.json" with { type: "json" };
import { refusal } from "../../tests/refusal.ts";
import { createTokenizer, type TokenizerFiles, tokenizeTexts } from "./tokenize.ts";

const EMBEDDED = new URL("../../models/emoji/tokenizer/", import.meta.url);
const CLIP = new URL("../../tests/golden/tokenizer/clip/", import.meta.url);
const CONFIGS = ["tokenizer_config.json", "special_tokens_map.json"];

async function readFiles(folder: URL, names: string[]): Promise<TokenizerFiles> {
  const texts = names.map(async (name) => [name, await Deno.readTextFile(new URL(name, folder))]);
  return Object.fromEntries(await Promise.all(texts));
}

const cases = [
  {
    name: "emoji's tokenizer.json",
    files: await readFiles(EMBEDDED, ["tokenizer.json", ...CONFIGS]),
    key: "emoji",
    length: 24,
    pad: 1,
  },
  {
    name: "emoji's vocab.json and merges.txt",
    files: await readFiles(EMBEDDED, ["vocab.json", "merges.txt", ...CONFIGS]),
    key: "emoji",
    length: 24,
    pad: 1,
  },
  {
    name: "CLIP's vocab.json and merges.txt",
    files: await readFiles(CLIP, ["vocab.json", "merges.txt", ...CONFIGS]),
    key: "clip",
    length: 77,
    pad: 49407,
  },
] as const;

for (const { name, files, key, length, pad } of cases) {
  Deno.test(`encode() gives transformers' ids with ${name}`, async () => {
    const tokenizer = await createTokenizer(files);
    assert.equal(tokenizer.maxLength, length);
    for (const { prompt, ...expected } of golden.cases) {
      const wanted = expected[key].split(" ").map(Number);
      const padded = [...wanted, ...Array(length - wanted.length).fill(pad)];
      assert.deepEqual([...tokenizer.encode(prompt).ids], padded, JSON.stringify(prompt));
    }
  });
}

const [embedded, , clip] = cases;

Deno.test("encode() reports how many tokens a long prompt lost", async () => {
  const tokenizer = await createTokenizer(embedded.files);
  const fits = tokenizer.encode("dog ".repeat(22));
  assert.deepEqual([fits.truncated, fits.dropped], [false, 0]);
  const long = tokenizer.encode("dog ".repeat(10_000));
  assert.deepEqual([long.truncated, long.dropped], [true, 10_000 - 22]);
  assert.deepEqual([...long.ids], [...fits.ids]);
});

Deno.test("a text is tokenised once, and its warning says how much was cut", () => {
  const ids = new Int32Array(4);
  const encoded: string[] = [];
  const tokenizer = {
    maxLength: 4,
    encode(text: string) {
      encoded.push(text);
      const dropped = text.split(" ").length > 4 ? 3 : 0;
      return { ids, truncated: dropped > 0, dropped, blank: false };
    },
  };
  const told: string[] = [];
  const texts = ["a dog", "a dog on the moon"];
  const tokens = tokenizeTexts({ tokenizer }, texts, (message) => told.push(message));
  assert.deepEqual(encoded, texts);
  assert.deepEqual(tokens.map(({ dropped }) => dropped), [0, 3]);
  assert.deepEqual(told, [
    'Prompt "a dog on the moon" is 3 tokens longer than the model\'s 4; its end is ignored',
  ]);
});

Deno.test("encode() says whether anything is left of a prompt", async () => {
  const nothing = ["猫", "قطة", "😀", "\u200b", "\u0007", "<|endoftext|>", "猫 ".repeat(30)];
  const something = ["a dog", "xyzzy", "!", "0", "a 猫", "d\u200b"];
  for (const { name, files } of cases.slice(0, 2)) {
    const tokenizer = await createTokenizer(files);
    for (const prompt of ["", " ", ...nothing]) assert(tokenizer.encode(prompt).blank, name);
    for (const prompt of something) assert(!tokenizer.encode(prompt).blank, `${name}: ${prompt}`);
  }
  // CLIP's own vocabulary has every byte.
  const tokenizer = await createTokenizer(clip.files);
  assert(tokenizer.encode("").blank);
  assert(tokenizer.encode("<|endoftext|>").blank);
  for (const prompt of ["猫", "😀", ...something]) assert(!tokenizer.encode(prompt).blank, prompt);
});

Deno.test("a text of which nothing is left is refused, and the empty one is not", async () => {
  const tokenizer = await createTokenizer(embedded.files);
  const read = (texts: string[]) => tokenizeTexts({ tokenizer }, texts, assert.fail);
  assert.equal(read(["", " ", "a dog"]).length, 3);
  assert.throws(
    () => read(["a dog", "猫"]),
    refusal(/^Cannot read prompt "猫": the model's tokenizer knows none of its characters$/),
  );
});

Deno.test("one warning names the words that the model's list lacks; a model without a list gives no warning", async () => {
  const tokenizer = await createTokenizer(embedded.files);
  const warnings = (vocabulary?: string) => {
    const told: string[] = [];
    const texts = ["", "a blue xyzzy", "a dog and an xyzzy", "a Dog"];
    tokenizeTexts({ tokenizer, vocabulary }, texts, (message) => told.push(message));
    return told;
  };
  assert.deepEqual(warnings("a and blue dog"), [
    'The model does not know the words "xyzzy", "an"',
  ]);
  assert.deepEqual(warnings("a an and blue dog"), ['The model does not know the word "xyzzy"']);
  assert.deepEqual(warnings("a an and blue dog xyzzy"), []);
  const many = Array.from({ length: 12 }, (_, i) => `x${i}`).join(" ");
  const told: string[] = [];
  tokenizeTexts({ tokenizer, vocabulary: "a" }, [many], (message) => told.push(message));
  assert.match(told[0], /"x9" and 2 others$/);
  assert.deepEqual(warnings(), []);
});

Deno.test("encode() pads with the token of special_tokens_map.json", async () => {
  // Stable Diffusion 2 pads with "!", which its tokenizer_config.json contradicts.
  const map = JSON.parse(clip.files["special_tokens_map.json"]!);
  const tokenizer = await createTokenizer({
    ...clip.files,
    "special_tokens_map.json": JSON.stringify({ ...map, pad_token: "!" }),
  }, { sequenceLength: 12 });
  // Ids from transformers' CLIPTokenizer on the same files.
  const expected = [49406, 320, 1929, 0, 768, 286, 0, 49407, 0, 0, 0, 0];
  assert.deepEqual([...tokenizer.encode("a dog! what?!").ids], expected);
});

Deno.test("createTokenizer() takes null in a configuration for absent, as transformers writes it", async () => {
  const config = JSON.parse(clip.files["tokenizer_config.json"]!);
  const map = JSON.parse(clip.files["special_tokens_map.json"]!);
  const nulls = {
    pad_token: null,
    unk_token: null,
    add_prefix_space: null,
    model_max_length: null,
  };
  const given = { ...clip.files, "tokenizer_config.json": JSON.stringify(config) };
  const { pad_token: _pad, unk_token: _unk, ...others } = map;
  const absent = { ...given, "special_tokens_map.json": JSON.stringify(others) };
  const withNulls = { ...given, "special_tokens_map.json": JSON.stringify({ ...map, ...nulls }) };
  const ids = async (
    files: TokenizerFiles,
  ) => [...(await createTokenizer(files)).encode("a dog").ids];
  assert.deepEqual(await ids(withNulls), await ids(absent));
  const unlimited = { ...absent, "tokenizer_config.json": JSON.stringify({ ...config, ...nulls }) };
  await assert.rejects(createTokenizer(unlimited), refusal(/model_max_length is missing$/));
  const tokenizer = await createTokenizer(unlimited, { sequenceLength: 77 });
  assert.deepEqual([...tokenizer.encode("a dog").ids], await ids(absent));
});

Deno.test("createTokenizer() prefers the graph's sequence length", async () => {
  const files = { ...clip.files, "tokenizer_config.json": '{"model_max_length": 1e30}' };
  const tokenizer = await createTokenizer(files, { sequenceLength: 8 });
  assert.equal(tokenizer.encode("a dog").ids.length, 8);
  await assert.rejects(createTokenizer(files), refusal(/model_max_length is 1e\+30/));
});

Deno.test("createTokenizer() refuses missing and broken files", async () => {
  const { "merges.txt": merges, ...noMerges } = clip.files as Record<string, string>;
  const noEos = '{"<|startoftext|>": 0, "a</w>": 1}';
  const noPad = JSON.stringify({ model_max_length: 8, pad_token: "[PAD]" });
  const broken: [TokenizerFiles, RegExp][] = [
    [{}, /wanted tokenizer.json, or vocab.json and merges.txt, found no file/],
    [noMerges, /found .*vocab.json/],
    [{ ...clip.files, "vocab.json": "{" }, /"vocab.json": Expected property name/],
    [{ ...clip.files, "vocab.json": "3" }, /"vocab.json": not an object/],
    [{ "vocab.json": noEos, "merges.txt": merges }, /"<\|endoftext\|>" is not in vocab.json/],
    [{ "tokenizer.json": "{}" }, /Cannot build the tokenizer/],
    [
      {
        "tokenizer.json": embedded.files["tokenizer.json"],
        "tokenizer_config.json": noPad,
      },
      /"\[PAD\]" is not in the vocabulary/,
    ],
  ];
  for (const [files, message] of broken) {
    await assert.rejects(createTokenizer(files), refusal(message));
  }
});
