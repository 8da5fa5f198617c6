import assert from "node:assert/strict";
import { resize, resizeAdjoint } from "./resize.ts";
import { assertAdjoint, assertClose, normals } from "../../tests/vectors.ts";

const IMAGE = [1, -2, 3, 0.5, 4, 0, -1, 2, 0.25, 5, 2, -3];

// torch.nn.functional.interpolate(IMAGE as 3×4, size, mode="bilinear", align_corners=False)
const PYTORCH = [
  {
    size: [5, 6],
    // deno-fmt-ignore
    values: [
      1, -0.5, -1.166667, 2.166667, 1.75, 0.5,
      2.2, 0.5, -0.766667, 0.966667, 1.25, 1.1,
      4, 2, -0.166667, -0.833333, 0.5, 2,
      1.75, 2.375, 2.633333, 1.166667, -0.1, -1,
      0.25, 2.625, 4.5, 2.5, -0.5, -3,
    ],
  },
  { size: [2, 3], values: [1.208333, 0.25, 1.0625, 1.614583, 2.5, -1.25] },
  { size: [1, 1], values: [-0.5] },
  {
    size: [3, 7],
    // deno-fmt-ignore
    values: [
      1, -0.071429, -1.785714, 0.5, 2.821429, 1.392857, 0.5,
      4, 2.571429, 0.285714, -0.5, -0.785714, 0.928571, 2,
      0.25, 1.946429, 4.660714, 3.5, 1.642857, -1.214286, -3,
    ],
  },
];

for (const { size: [outHeight, outWidth], values } of PYTORCH) {
  Deno.test(`resize of 3×4 to ${outHeight}×${outWidth} agrees with PyTorch`, () => {
    const x = Float32Array.from([...IMAGE, ...IMAGE.map((value) => -value)]);
    const y = new Float32Array(2 * outHeight * outWidth);
    resize.twin({ x, y }, { planes: 2, inHeight: 3, inWidth: 4, outHeight, outWidth });
    assertClose(y, [...values, ...values.map((value) => -value)], 1e-6);
  });
}

Deno.test("resize to the same size changes nothing", () => {
  const x = normals(5 * 8, 1), y = new Float32Array(5 * 8);
  resize.twin({ x, y }, { planes: 1, inHeight: 5, inWidth: 8, outHeight: 5, outWidth: 8 });
  assert.deepEqual(y, x);
});

for (
  const [inHeight, inWidth, outHeight, outWidth] of [
    [64, 64, 128, 128],
    [20, 31, 7, 53],
    [3, 50, 50, 3],
    [1, 9, 6, 1],
    [37, 1, 1, 1],
  ]
) {
  Deno.test(`resizeAdjoint of ${inHeight}×${inWidth} to ${outHeight}×${outWidth} is the transpose`, () => {
    const sizes = { planes: 2, inHeight, inWidth, outHeight, outWidth };
    const x = normals(2 * inHeight * inWidth, 2), jx = new Float32Array(2 * outHeight * outWidth);
    const v = normals(jx.length, 3), jtv = new Float32Array(x.length);
    resize.twin({ x, y: jx }, sizes);
    resizeAdjoint.twin({ cotangent: v, result: jtv }, sizes);
    assertAdjoint({ x, jx, v, jtv });
  });
}
