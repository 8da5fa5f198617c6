import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { readPng } from "./png.ts";

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A grey PNG of one pixel with other chunks. */
function png(...others: Uint8Array[]): Uint8Array {
  const header = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 16, 0, 0, 0, 0);
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    ...others,
    chunk("IDAT", deflateSync(Uint8Array.of(0, 1, 2))),
    chunk("IEND", new Uint8Array()),
  ]);
}

Deno.test("readPng keeps the chunks of the default image alone", () => {
  const { width, height, depth, orientation, profile, normalized } = readPng(
    png(chunk("acTL", new Uint8Array(8)), chunk("tEXt", Buffer.from("a\0b"))),
  );
  assert.deepEqual([width, height, depth, orientation, profile], [1, 1, 16, 1, undefined]);
  assert.deepEqual(Buffer.from(normalized), png());
});

Deno.test("readPng inflates a profile, and leaves out one that is damaged or endless", () => {
  const iccp = (data: Uint8Array) => chunk("iCCP", Buffer.concat([Buffer.from("name\0\0"), data]));
  const profile = (data: Uint8Array) => readPng(png(iccp(data))).profile;
  assert.deepEqual(profile(deflateSync(Buffer.from("a profile"))), Buffer.from("a profile"));
  assert.equal(profile(Buffer.from("no zlib")), undefined);
  assert.equal(profile(deflateSync(Buffer.alloc(2 ** 24 + 1))), undefined);
  assert.equal(readPng(png(chunk("iCCP", Buffer.from("name")))).profile, undefined);
});

Deno.test("readPng refuses a file cut short anywhere", () => {
  const whole = png();
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => readPng(whole.subarray(0, length)), /^Error: png: /, `${length} bytes`);
  }
});
