import assert from "node:assert/strict";
import { drawsFrom } from "./draws.ts";
import { anotherThing, inSomeColour, shareName } from "./things.ts";

Deno.test("shareName sees words in common, singular or plural", () => {
  assert.ok(shareName("dog", "dog"));
  assert.ok(shareName("bear", "teddy bear") && shareName("polar bear", "teddy bear"));
  assert.ok(shareName("books", "book"));
  assert.ok(!shareName("egg", "eggplant") && !shareName("car", "carrot"));
});

Deno.test("inSomeColour colours only what has a hue, about half of the time", () => {
  const hues = Array.from({ length: 400 }, (_, i) => inSomeColour("car", drawsFrom(1, 0, i)).hue);
  const coloured = hues.filter((hue) => hue !== undefined);
  assert.ok(Math.abs(coloured.length - 200) < 50, String(coloured.length));
  assert.equal(new Set(coloured).size, 7);
  for (let i = 0; i < 20; i++) {
    assert.deepEqual(inSomeColour("dog", drawsFrom(1, 0, i)), { word: "dog" });
  }
});

Deno.test("anotherThing is never one that the word names", () => {
  for (let i = 0; i < 2000; i++) {
    const { word } = anotherThing("bear", drawsFrom(1, 0, i));
    assert.ok(!["bear", "teddy bear", "polar bear"].includes(word), word);
  }
});
