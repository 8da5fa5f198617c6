/** A GIF's header, and the file with a logical screen that has pixels. */
export interface Gif {
  /** Columns and rows of the canvas. */
  readonly width: number;
  readonly height: number;
  /** The file; a logical screen of 0×0 is replaced. */
  readonly normalized: Uint8Array;
}

const EXTENSION = 0x21, IMAGE = 0x2c;

/**
 * Reads a GIF's logical screen (GIF89a specification, section 18). Where it has no pixels, the
 * canvas reaches as far as the first frame, as viewers have it.
 *
 * @param bytes The whole file, which starts with `GIF8`.
 * @throws {Error} The file is cut short before its first frame.
 */
export function readGif(bytes: Uint8Array): Gif {
  if (bytes.length < 13) throw new Error("gif: no logical screen");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  if (width > 0 && height > 0) return { width, height, normalized: bytes };
  const at = firstFrame(bytes);
  if (at + 9 > bytes.length) throw new Error("gif: no frame");
  const [left, top, columns, rows] = [0, 2, 4, 6].map((k) => view.getUint16(at + 1 + k, true));
  const screen = { width: width || left + columns, height: height || top + rows };
  const normalized = bytes.slice();
  const patched = new DataView(normalized.buffer);
  patched.setUint16(6, screen.width, true);
  patched.setUint16(8, screen.height, true);
  return { ...screen, normalized };
}

/** The position of the first image descriptor, or past the end. */
function firstFrame(bytes: Uint8Array): number {
  const flags = bytes[10];
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (bytes[at] === EXTENSION) {
    at += 2;
    while (bytes[at]) at += bytes[at] + 1;
    at++;
  }
  return bytes[at] === IMAGE ? at : bytes.length;
}
