import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { assertClose } from "../../tests/vectors.ts";
import { decodeDepth } from "../depth/depth_map.ts";
import { decodeImage } from "./decode.ts";
import { decodeAlpha } from "./decode_alpha.ts";
import { encodePng } from "./encode.ts";
import type { Image } from "./image.ts";

const png = (width: number, height: number, channels: Image["channels"], data: Uint8Array) =>
  encodePng({ width, height, channels, data });

Deno.test("a mask is an image's alpha where it has one, else its brightness", async () => {
  const rgba = Uint8Array.of(255, 255, 255, 0, 0, 0, 0, 204, 9, 9, 9, 255);
  const clear = await decodeAlpha(await png(3, 1, 4, rgba), "cutout.png");
  assert.deepEqual([clear.width, clear.height], [3, 1]);
  assertClose(clear.alpha, [0, 0.8, 1], 1e-6);

  const opaque = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 255, 0, 255, 0, 255);
  const { alpha } = await decodeAlpha(await png(1, 3, 4, opaque), "opaque.png");
  assertClose(alpha, [1, 0, 0.7152], 1e-6);

  const grey = await png(3, 1, 1, Uint8Array.of(0, 128, 255));
  assertClose((await decodeAlpha(grey, "grey.png")).alpha, [0, 128 / 255, 1], 1e-6);
});

Deno.test("decodeAlpha refuses a file that is not an image", async () => {
  const text = new TextEncoder().encode("This is no image.");
  await assert.rejects(
    decodeAlpha(text, "x.png"),
    refusal(/"x.png": it is not a PNG, JPEG or GIF/),
  );
});

Deno.test("every decoder takes a file as buffer, view or Blob", async () => {
  const file = await png(3, 1, 1, Uint8Array.of(0, 51, 255));
  const roomy = new Uint8Array(file.length + 9);
  roomy.set(file, 5);
  const shared = new SharedArrayBuffer(file.length);
  new Uint8Array(shared).set(file);
  const sources = {
    view: file,
    "part of a buffer": roomy.subarray(5, 5 + file.length),
    clamped: new Uint8ClampedArray(file),
    data: new DataView(roomy.buffer, 5, file.length),
    buffer: file.slice().buffer,
    shared,
    blob: new Blob([new Uint8Array(file)]),
  };
  for (const [kind, source] of Object.entries(sources)) {
    assert.deepEqual([...(await decodeImage(source)).data.slice(3, 6)], [51, 51, 51], kind);
    assertClose((await decodeAlpha(source)).alpha, [0, 0.2, 1], 1e-6);
    assert.deepEqual([...(await decodeDepth(source)).depth], [0, 51, 255], kind);
  }
});
