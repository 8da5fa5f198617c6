import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { UserError } from "../errors.ts";
import { decodeImage } from "./decode.ts";
import { type Image, toRgb } from "./image.ts";

const FIXTURES = new URL("../../tests/fixtures/images/", import.meta.url);
const [W, H] = [24, 16];

const fixture = (name: string) => Deno.readFile(new URL(name, FIXTURES));
const decodeFixture = async (name: string) => decodeImage(await fixture(name), name);

const red = (x: number) => 255 * x / (W - 1);
const green = (y: number) => 255 * y / (H - 1);

/** Largest difference between an image and a 24 × 16 pattern. */
function difference(image: Image, pattern: (x: number, y: number) => number[]): number {
  const { width, height, data } = toRgb(image);
  assert.deepEqual([width, height, data.length], [W, H, 3 * W * H]);
  let worst = 0;
  data.forEach((value, i) => {
    const pixel = Math.floor(i / 3);
    const wanted = pattern(pixel % W, Math.floor(pixel / W))[i % 3];
    worst = Math.max(worst, Math.abs(value - wanted));
  });
  return worst;
}

const ramp = (x: number, y: number) => [red(x), green(y), 128];
const greyRamp = (x: number) => [red(x), red(x), red(x)];
const redRamp = (x: number) => [red(x), 0, 128];
const clearFrom =
  (edge: number, pattern: (x: number, y: number) => number[]) => (x: number, y: number) =>
    x < edge ? pattern(x, y) : [255, 255, 255];

/** Rounding to 8 bits, and what JPEG at high quality may lose on a ramp. */
const EXACT = 0.5;
const LOSSY = 6;

const READABLE: [name: string, pattern: (x: number, y: number) => number[], tolerance: number][] = [
  ["rgb.png", ramp, EXACT],
  ["rgb-16-bit.png", ramp, EXACT],
  ["interlaced.png", ramp, EXACT],
  ["grey.png", greyRamp, EXACT],
  ["grey-16-bit.png", greyRamp, EXACT],
  ["grey-1-bit.png", (x) => greyRamp(x < W / 2 ? 0 : W - 1), EXACT],
  ["palette.png", redRamp, EXACT],
  ["rgba.png", clearFrom(W / 2, ramp), EXACT],
  ["grey-alpha.png", clearFrom(W / 2, greyRamp), EXACT],
  ["grey-clear.png", clearFrom(W - 1, greyRamp), EXACT],
  ["palette-clear.png", clearFrom(W / 2, redRamp), EXACT],
  ["rgb.jpg", ramp, LOSSY],
  ["subsampled.jpg", ramp, 2 * LOSSY],
  ["progressive.jpg", ramp, LOSSY],
  ["restart.jpg", ramp, LOSSY],
  ["grey.jpg", greyRamp, LOSSY],
  ["cmyk.jpg", ramp, LOSSY],
  ["two-frames.gif", redRamp, EXACT],
  ["clear.gif", clearFrom(W - 1, redRamp), EXACT],
];

for (const [name, pattern, tolerance] of READABLE) {
  Deno.test(`decodeImage reads ${name}`, async () => {
    const worst = difference(await decodeFixture(name), pattern);
    assert.ok(worst <= tolerance, `differs by ${worst}`);
  });
}

for (let orientation = 1; orientation <= 8; orientation++) {
  Deno.test(`decodeImage turns EXIF orientation ${orientation} upright`, async () => {
    const worst = difference(await decodeFixture(`orientation-${orientation}.jpg`), ramp);
    assert.ok(worst <= LOSSY, `differs by ${worst}`);
  });
}

Deno.test("decodeImage keeps transparency, and gives three channels where all is opaque", async () => {
  const read = async (...pixel: number[]) => {
    const { channels, data } = await decodeImage(makePng(1, 1, 6, Uint8Array.from(pixel)));
    return [channels, ...data];
  };
  // The filter's byte comes before the pixel.
  assert.deepEqual(await read(200, 40, 100, 128), [4, 200, 40, 100, 128]);
  assert.deepEqual(await read(200, 40, 100, 255), [3, 200, 40, 100]);
});

Deno.test("decodeImage takes bytes, a buffer or a blob", async () => {
  const bytes = await fixture("rgb.png");
  const image = await decodeImage(bytes);
  assert.deepEqual(await decodeImage(bytes.buffer), image);
  assert.deepEqual(await decodeImage(new Blob([bytes])), image);
});

Deno.test("decodeImage says which kind of JPEG it does not read", async () => {
  const kinds = { "arith.jpg": "arithmetic-coded", "real-12bit.jpg": "12-bit" };
  for (const [name, kind] of Object.entries(kinds)) {
    const message = await complaint(await fixture(`reports/${name}`), name);
    assert.equal(message, `Cannot read image "${name}": ${kind} JPEG is not supported`);
  }
});

Deno.test("decodeImage reads a GIF whose logical screen has no pixels", async () => {
  const { width, height } = await decodeFixture("reports/gif-screen0.gif");
  assert.deepEqual([width, height], [96, 64]);
});

/** The error's single line; fails if the bytes decode, or if it is not the user's mistake. */
async function complaint(bytes: Uint8Array, name: string): Promise<string> {
  const error = await decodeImage(bytes, name).then(() => assert.fail("decoded"), (error) => error);
  assert.ok(error instanceof UserError, String(error.stack));
  assert.doesNotMatch(error.message, /\n|\.$/);
  assert.ok(error.hint);
  return error.message;
}

const text = (text: string) => new TextEncoder().encode(text);

Deno.test("decodeImage refuses an empty file", async () => {
  assert.equal(
    await complaint(new Uint8Array(), "x.png"),
    'Cannot read image "x.png": the file is empty',
  );
});

Deno.test("decodeImage refuses text, whatever its name", async () => {
  for (const content of ["Dear diary", "\n", "P", "\x89", "\0\0\0\0\0\0\0\0"]) {
    assert.equal(
      await complaint(text(content), "notes.png"),
      'Cannot read image "notes.png": it is not a PNG, JPEG or GIF image',
    );
  }
});

Deno.test("decodeImage names the formats it refuses", async () => {
  const svg = text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>');
  assert.match(await complaint(svg, "x.png"), /: SVG is not supported$/);
  for (const format of ["WebP", "AVIF", "BMP", "TIFF"]) {
    const name = `rgb.${format.toLowerCase()}`;
    assert.equal(
      await complaint(await fixture(name), name),
      `Cannot read image "${name}": ${format} is not supported`,
    );
  }
});

const DAMAGED = /(data|header) is damaged or cut short$/;

for (const name of ["rgb.png", "interlaced.png", "rgb.jpg", "progressive.jpg", "restart.jpg"]) {
  Deno.test(`decodeImage refuses ${name} cut short anywhere`, async () => {
    const bytes = await fixture(name);
    for (let length = 4; length < bytes.length; length++) {
      assert.match(await complaint(bytes.subarray(0, length), name), DAMAGED, `at ${length}`);
    }
  });
}

Deno.test("decodeImage refuses a GIF cut short", async () => {
  const bytes = await fixture("clear.gif");
  for (const length of [6, 12, bytes.length >> 1]) {
    assert.match(await complaint(bytes.subarray(0, length), "clear.gif"), DAMAGED, `at ${length}`);
  }
});

Deno.test("decodeImage refuses a PNG with any bit flipped", async () => {
  const bytes = await fixture("rgb.png");
  for (let at = 24; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at] ^= 0x10;
    assert.match(await complaint(flipped, "x.png"), DAMAGED, `at ${at}`);
  }
});

Deno.test("decodeImage refuses a huge header by its size alone", async () => {
  const png = makePng(30_000, 30_000, 2, new Uint8Array(8));
  assert.equal(
    await complaint(png, "huge.png"),
    'Cannot read image "huge.png": 30000×30000 pixels are more than the limit of 100 megapixels',
  );
});

Deno.test("decodeImage refuses an image without pixels", async () => {
  assert.match(await complaint(makePng(0, 5, 2, new Uint8Array(5)), "x"), /no pixels \(0×5\)$/);
});

Deno.test("decodeImage tells a lack of memory from damage", async () => {
  const jpeg = await fixture("rgb.jpg");
  const startOfFrame = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
  new DataView(jpeg.buffer).setUint32(startOfFrame + 5, 9000 << 16 | 9000);
  const huge = { png: makePng(9000, 9000, 2, new Uint8Array(8)), jpeg };
  const module = new URL("./decode.ts", import.meta.url);
  for (const [name, bytes] of Object.entries(huge)) {
    const path = await Deno.makeTempFile();
    await Deno.writeFile(path, bytes);
    // The limit holds for a whole process.
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--v8-flags=--wasm-max-mem-pages=1000",
        `import { decodeImage } from ${JSON.stringify(module)};
        await decodeImage(await Deno.readFile(${JSON.stringify(path)}), "${name}")
          .catch(({ message }) => console.log(message));`,
      ],
      stderr: "inherit",
    }).output();
    await Deno.remove(path);
    assert.equal(
      new TextDecoder().decode(stdout),
      `Cannot read image "${name}": not enough memory to decode 9000×9000 pixels\n`,
    );
  }
});

Deno.test("decodeImage clips a GIF frame that leaves its canvas", async () => {
  const bytes = await fixture("two-frames.gif");
  bytes[6] = 10; // The canvas: 10 × 5.
  bytes[8] = 5;
  const image = await decodeImage(bytes, "x.gif");
  assert.deepEqual([image.width, image.height, image.data.length], [10, 5, 150]);
  assert.equal(image.data[3 * 12], Math.round(red(2)));
});

/** A PNG with unfiltered 8-bit rows; `pixels` may be fewer than the header promises. */
function makePng(width: number, height: number, colorType: number, pixels: Uint8Array): Uint8Array {
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([8, colorType], 8);
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", header),
    ...chunk("IDAT", deflateSync(Uint8Array.of(0, ...pixels))),
    ...chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(text(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}
