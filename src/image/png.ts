import { Buffer } from "node:buffer";
import { crc32, inflateSync } from "node:zlib";
import { exifOrientation } from "./exif.ts";

/** A PNG's header, and the file without what the pixels do not need. */
export interface Png {
  readonly width: number;
  readonly height: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Exif orientation, 1..8; 1 is upright. */
  readonly orientation: number;
  /** The ICC profile, if there is a whole one. */
  readonly profile: Uint8Array | undefined;
  /**
   * Header, palette, transparency and the default image's data, as stored: no decoder takes an
   * animation's frames for it.
   */
  readonly normalized: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Chunks that the default image consists of. */
const NEEDED = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
/** Profiles are a few megabytes at most; a small chunk can claim to hold any number of bytes. */
const MAX_PROFILE = 2 ** 24;

/**
 * Reads a PNG's chunks (W3C PNG, third edition). The default image is what an `IDAT` chunk holds,
 * whether an animation has it as its first frame or not.
 *
 * @param bytes The whole file, which starts with PNG's signature.
 * @throws {Error} The file is damaged or cut short before its last needed chunk.
 */
export function readPng(bytes: Uint8Array): Png {
  if (SIGNATURE.some((byte, at) => bytes[at] !== byte)) throw new Error("png: no signature");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const needed: Uint8Array[] = [bytes.subarray(0, SIGNATURE.length)];
  const others = new Map<string, Uint8Array>();
  let at = SIGNATURE.length, type = "";
  while (type !== "IEND") {
    if (at + 12 > bytes.length) throw new Error("png: no IEND chunk");
    const length = view.getUint32(at);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 12 + length;
    if (end > bytes.length) throw new Error(`png: a cut ${type} chunk`);
    if (needed.length === 1 && type !== "IHDR") throw new Error("png: no header");
    if (NEEDED.includes(type)) {
      // The codec checks that of the header; a size out of bounds is refused before.
      const checked = type === "IHDR" ||
        crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
      if (!checked) {
        throw new Error(`png: a damaged ${type} chunk`);
      }
      needed.push(bytes.subarray(at, end));
    } else others.set(type, bytes.subarray(at + 8, end - 4));
    at = end;
  }
  if (needed[1].length !== 25) throw new Error("png: a header of another length");
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    depth: bytes[24],
    orientation: exifOrientation(others.get("eXIf") ?? new Uint8Array()),
    profile: profileOf(others.get("iCCP")),
    normalized: Buffer.concat(needed),
  };
}

/** The profile in an `iCCP` chunk: name, 0, method 0, then zlib's data; none if that is broken. */
function profileOf(chunk: Uint8Array | undefined): Uint8Array | undefined {
  const name = chunk?.indexOf(0) ?? -1;
  if (!chunk || name < 0 || chunk[name + 1] !== 0) return undefined;
  try {
    return inflateSync(chunk.subarray(name + 2), { maxOutputLength: MAX_PROFILE });
  } catch {
    return undefined;
  }
}
