import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { readImageInput } from "./model_config.ts";

const read = (config: object) =>
  readImageInput({
    label: "Model",
    has: () => Promise.resolve(true),
    read: () => Promise.resolve(new TextEncoder().encode(JSON.stringify(config))),
  });
const CHANNELS = { image_mean: [0.5, 0.5, 0.5], image_std: [0.25, 0.25, 0.25] };

Deno.test("readImageInput() reads sizes in every form that processors write", async () => {
  for (
    const sizes of [
      { size: 224 },
      { size: { shortest_edge: 224 } },
      { size: { height: 224, width: 224 } },
      // CLIP's network sees only the crop.
      { size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } },
      { size: 224, crop_size: 192, do_center_crop: false },
    ]
  ) {
    const { size, mean, std } = await read({ ...sizes, ...CHANNELS });
    assert.deepEqual([size, mean, std], [224, CHANNELS.image_mean, CHANNELS.image_std]);
  }
  assert.equal((await read({ size: 518, ensure_multiple_of: 14, ...CHANNELS })).multipleOf, 14);
  const { mean, std } = await read({ size: 384, do_normalize: false });
  assert.deepEqual([mean, std], [[0, 0, 0], [1, 1, 1]]);
});

Deno.test("readImageInput() names a field that is missing or unusable", async () => {
  await assert.rejects(read(CHANNELS), refusal(/field "size" .* is missing/));
  await assert.rejects(read({ size: 8 }), refusal(/field "image_mean" .* is missing/));
  await assert.rejects(
    read({ ...CHANNELS, size: { height: 2, width: 3 } }),
    refusal(/field "size/),
  );
});
