import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { discs } from "../../tests/discs.ts";
import { EMOJI_WORDS, HUES, phrase, shareName } from "./emoji.ts";
import { GROUNDS } from "./grounds.ts";
import { LOOK_ALIKES } from "./look_alikes.ts";
import { makeScene } from "./scene.ts";
import { SCENE_SETS, type SceneQuestion, sceneQuestion, type SceneSet, SPLITS } from "./sets.ts";

const SETS = Object.keys(SCENE_SETS) as SceneSet[];
const TEXTURES = ["checker", "noise", "stripes"];

const questions = (set: SceneSet, split: typeof SPLITS[number], size?: number) =>
  Array.from(
    { length: SCENE_SETS[set][split] },
    (_, index) => sceneQuestion(set, split, index, size),
  );
const both = (set: SceneSet) => SPLITS.flatMap((split) => questions(set, split));
const target = ({ spec: { objects } }: SceneQuestion) => objects[0];
const groundsOf = (set: SceneSet) =>
  [...new Set(both(set).map(({ spec: { ground } }) => ground))].sort();

Deno.test("questions are the same on every machine and at every size", () => {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);
  const hashes = SETS.map((set) => [set, hash(JSON.stringify(both(set)))]);
  assert.deepEqual(Object.fromEntries(hashes), {
    "emoji-c": "27279eaaded104f0",
    "ref-emoji": "c7d70f7921d18a6b",
    "low-contrast": "28a09030c58c3efb",
    "clutter": "bd894627714fff5d",
    "look-alike": "cd0d654aa44bb69f",
    "small": "9498e3e906293079",
  });
  const [question] = questions("ref-emoji", "test", 64);
  assert.deepEqual({ ...question, spec: { ...question.spec, size: 128 } }, both("ref-emoji")[0]);
});

Deno.test("no scene is in two splits, and a split has no more than it says", () => {
  for (const set of SETS) {
    const specs = both(set).map(({ spec }) => JSON.stringify({ ...spec, seed: 0 }));
    assert.equal(new Set(specs).size, specs.length);
    for (const split of SPLITS) {
      for (const index of [-1, 0.5, SCENE_SETS[set][split]]) {
        assert.throws(() => sceneQuestion(set, split, index), RangeError);
      }
    }
  }
});

Deno.test("sets of words ask for a word once, in one split alone", () => {
  for (const set of SETS.filter((set) => set !== "ref-emoji")) {
    const words = both(set).map((question) => target(question).word);
    assert.equal(new Set(words).size, words.length, set);
    for (const { prompt, kind, spec: { objects: [{ word }] } } of both(set)) {
      assert.deepEqual([prompt, kind], [phrase(word), "word"]);
    }
  }
  assert.equal(both("emoji-c").length, EMOJI_WORDS.length);
});

Deno.test("sets of one object have the size and the grounds they are named for", () => {
  const scales: Partial<Record<SceneSet, [number, number]>> = {
    "emoji-c": [0.42, 0.75],
    "low-contrast": [0.42, 0.75],
    "clutter": [0.42, 0.75],
    "small": [0.2, 0.32],
  };
  for (const [set, [least, most]] of Object.entries(scales)) {
    for (const { spec: { objects, lowContrast = false } } of both(set as SceneSet)) {
      assert.equal(objects.length, 1);
      assert.ok(objects[0].scale >= least && objects[0].scale <= most);
      assert.equal(lowContrast, set === "low-contrast");
    }
  }
  assert.deepEqual(groundsOf("emoji-c"), TEXTURES);
  assert.deepEqual(groundsOf("clutter"), ["clutter"]);
  assert.deepEqual(groundsOf("small"), [...TEXTURES, "gradient", "plain"].sort());
  assert.deepEqual(groundsOf("low-contrast"), groundsOf("small"));
});

Deno.test("look-alike puts a word beside one that looks like it", () => {
  for (const { spec: { objects: [{ word }, other], ...spec } } of both("look-alike")) {
    assert.ok(LOOK_ALIKES[word].includes(other.word));
    assert.notEqual(spec.ground, "clutter");
  }
});

Deno.test("ref-emoji asks by word, colour and side in turn, on grounds of every kind", () => {
  const kinds = questions("ref-emoji", "test").map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(0, 4), ["word", "colour", "side", "word"]);
  assert.deepEqual(groundsOf("ref-emoji"), [...GROUNDS].sort());
  const counts = both("ref-emoji").map(({ spec }) => spec.objects.length);
  const three = counts.filter((count) => count === 3).length / counts.length;
  assert.ok(counts.every((count) => count === 2 || count === 3));
  assert.ok(three > 0.2 && three < 0.45, String(three));
  const prompts = new Set(both("ref-emoji").map(({ prompt }) => prompt));
  assert.ok(prompts.size > 0.9 * counts.length, `${prompts.size} prompts`);
});

Deno.test("ref-emoji's prompts mean their object and no other", () => {
  const gap = (a: number, b: number) => Math.min(Math.abs(a - b), 360 - Math.abs(a - b));
  for (const { spec: { objects: [it, ...others] }, prompt, kind } of both("ref-emoji")) {
    const same = others.filter(({ word }) => shareName(word, it.word));
    if (kind === "word") {
      assert.equal(prompt, phrase(it.word));
      assert.equal(same.length, 0);
    } else if (kind === "colour") {
      assert.equal(prompt, phrase(it.word, it.hue));
      for (const { hue } of same) assert.ok(gap(HUES[hue!], HUES[it.hue!]) >= 60);
    } else {
      const side = prompt.split(" ").at(-1);
      assert.equal(same.length, 1);
      const [dx, dy] = [it.x - same[0].x, it.y - same[0].y];
      const away = { left: -dx, right: dx, top: -dy, bottom: dy }[side as "left"];
      assert.ok(away > 0.1, prompt);
      assert.ok(
        prompt.startsWith(`${phrase(it.word)} ${dx === away || -dx === away ? "on" : "at"}`),
      );
    }
  }
});

Deno.test("every object asked for is there to be seen", async () => {
  for (const set of SETS) {
    for (const split of SPLITS) {
      for (const { spec, prompt } of questions(set, split, 48)) {
        const { objects: [{ mask }] } = await makeScene(spec, discs);
        const visible = mask.filter((value) => value === 255).length / mask.length;
        // The area of three quarters of a disc in the smallest glyph.
        assert.ok(visible > 0.01, `${set} ${split}, ${prompt}: ${visible}`);
      }
    }
  }
});
