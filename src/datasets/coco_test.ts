import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import type { Image } from "../image/image.ts";
import { encodeRle, toCoco } from "./coco.ts";

Deno.test("encodeRle counts down the columns, starting outside", () => {
  // 0 1 1
  // 0 1 0
  const mask = Uint8Array.of(0, 255, 255, 0, 255, 0);
  assert.deepEqual(encodeRle(mask, 3, 2), { size: [2, 3], counts: [2, 3, 1] });
  assert.deepEqual(encodeRle(Uint8Array.of(1), 1, 1).counts, [0, 1]);
  assert.deepEqual(encodeRle(new Uint8Array(6), 3, 2).counts, [6]);
});

Deno.test("encodeRle's runs give the mask back", () => {
  const width = 5;
  fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (inside) => {
    const { size: [height], counts } = encodeRle(Uint8Array.from(inside, Number), width, 4);
    const columns = counts.flatMap((count, i) => Array<boolean>(count).fill(i % 2 === 1));
    const rows = inside.map((_, i) => columns[i % width * height + Math.floor(i / width)]);
    assert.deepEqual(rows, inside);
  }));
});

Deno.test("toCoco links images, objects and categories, and asks for first objects", () => {
  const image: Image = { width: 3, height: 2, channels: 3, data: new Uint8Array(18) };
  const dog = { word: "dog", mask: Uint8Array.of(0, 255, 255, 0, 255, 0) } as const;
  const cat = { word: "cat", mask: Uint8Array.of(255, 0, 0, 0, 0, 0) } as const;
  const coco = toCoco([
    { file: "0.png", scene: { image, objects: [dog] }, prompt: "a dog", kind: "word" },
    { file: "1.png", scene: { image, objects: [cat, dog] }, prompt: "a red cat", kind: "colour" },
  ]);

  assert.deepEqual(coco.images[1], { id: 2, file_name: "1.png", width: 3, height: 2 });
  assert.deepEqual(
    coco.annotations.map(({ id, image_id, prompt, kind }) => [id, image_id, prompt, kind]),
    [
      [1, 1, "a dog", "word"],
      [2, 2, "a red cat", "colour"],
      [3, 2, undefined, undefined],
    ],
  );
  const names = coco.annotations.map(({ category_id }) =>
    coco.categories.find(({ id }) => id === category_id)?.name
  );
  assert.deepEqual(names, ["dog", "cat", "dog"]);
  const [{ area, bbox }] = coco.annotations;
  assert.deepEqual({ area, bbox }, { area: 3, bbox: [1, 0, 2, 2] });
});
