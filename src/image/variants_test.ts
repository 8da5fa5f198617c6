import assert from "node:assert/strict";
import { readSafetensors } from "../../tests/safetensors.ts";
import { decodeImage } from "./decode.ts";

const IMAGES = new URL("../../tests/fixtures/images/", import.meta.url);
const { tensors } = readSafetensors(new URL("variants.safetensors", IMAGES));

/** Largest differences: of rounding to 8 bits, and of two decoders of a lossy format. */
const [LOSSLESS, LOSSY] = [1, 3];

const names = Object.keys(tensors).filter((key) => key.endsWith(".right"))
  .map((key) => key.slice(0, -".right".length));
const groups = Map.groupBy(names, (name) => name.split("/").slice(0, 2).join("/"));

Deno.test("variants are the files that the script writes", () => {
  assert(names.length > 280, `${names.length}`);
});

for (const [group, variants] of groups) {
  Deno.test(`decodeImage shows ${group} as viewers do`, async () => {
    for (const name of variants) {
      const stored = tensors[name]?.data;
      const bytes = stored instanceof Uint8Array
        ? stored
        : await Deno.readFile(new URL(name, IMAGES));
      const warnings: string[] = [];
      const onWarning = (message: string) => warnings.push(message);
      const { width, height, channels, data } = await decodeImage(bytes, name, { onWarning });
      const { shape: [rows, columns], data: right } = tensors[`${name}.right`];
      assert.deepEqual([width, height], [columns, rows], name);
      let worst = 0;
      for (let i = 0; i < width * height; i++) {
        const alpha = channels === 4 ? data[4 * i + 3] : 255;
        worst = Math.max(worst, Math.abs(alpha - right[4 * i + 3]));
        // Colours of clear pixels are nowhere to be seen.
        for (let c = 0; c < 3 && alpha > 0; c++) {
          worst = Math.max(worst, Math.abs(data[channels * i + c] - right[4 * i + c]));
        }
      }
      // Where a profile's colours leave sRGB, small differences of the decoders grow.
      if (name === "reports/adobergb.jpg") worst /= 6;
      const lossy = name.startsWith("jpeg/") || name.endsWith(".jpg");
      assert(worst <= (lossy ? LOSSY : LOSSLESS), `${name} differs by ${worst}`);
      assert.equal(warnings.length, /icc-cut/.test(name) ? 1 : 0, `${name}: ${warnings}`);
    }
  });
}
