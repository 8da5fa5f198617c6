import assert from "node:assert/strict";
import { overCheckerboard } from "./checkerboard.ts";

const image = (side: number) => ({
  width: side,
  height: side,
  data: new Uint8Array(3 * side * side).fill(100),
});

Deno.test("an opaque image hides the checkerboard", () => {
  const { data } = overCheckerboard(image(16), new Float32Array(256).fill(1));
  assert.deepEqual(data, image(16).data);
});

Deno.test("a clear one shows eight squares a side, in two shades that alternate", () => {
  const { data } = overCheckerboard(image(16), new Float32Array(256));
  const shade = (x: number, y: number) => data[3 * (16 * y + x)];
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) {
      assert.equal(shade(x, y), (Math.floor(x / 2) + Math.floor(y / 2)) % 2 === 0 ? 255 : 204);
    }
  }
});

Deno.test("what is half clear lets half of it through", () => {
  const { data } = overCheckerboard(image(1), Float32Array.of(0.5));
  assert.deepEqual([...data], [178, 178, 178]);
});
