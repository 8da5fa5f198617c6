import assert from "node:assert/strict";
import { fileStem } from "./file_stem.ts";

const bytes = (text: string) => new TextEncoder().encode(text).length;

Deno.test("fileStem() takes folders and extension off", () => {
  assert.equal(fileStem("a/b.c/dog.png"), "dog");
  assert.equal(fileStem("dog"), "dog");
  assert.equal(fileStem(".hidden"), ".hidden");
});

Deno.test("fileStem() leaves room for prompt and kind in a name of 255 bytes", () => {
  for (const character of ["x", "ü", "犬", "👩‍🌾", "-"]) {
    const stem = fileStem(`${character.repeat(250)}.png`);
    const name = `${stem}.${"y".repeat(80)}-99.overlay.png`;
    assert.ok(bytes(name) <= 255, `${bytes(name)} bytes with ${character}`);
  }
});

Deno.test("fileStem() cuts at whole characters and tells long names apart", () => {
  const farmers = "👩‍🌾".repeat(20);
  assert.match(fileStem(`${farmers}a.png`), /^(👩‍🌾)+-[0-9a-f]{8}$/u);
  assert.notEqual(fileStem(`${farmers}a.png`), fileStem(`${farmers}b.png`));
  assert.equal(fileStem(`${farmers}a.png`), fileStem(`${farmers}a.png`));
});
