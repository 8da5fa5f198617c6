import { Buffer } from "node:buffer";
import { exifOrientation } from "./exif.ts";

/** Colours of a JPEG's components. */
export type JpegColours = "grey" | "ycc" | "rgb" | "cmyk" | "ycck";

/** A JPEG's header, and the file in the form that every decoder reads alike. */
export interface Jpeg {
  /** Columns and rows as stored, before `orientation` is applied. */
  readonly width: number;
  readonly height: number;
  readonly colours: JpegColours;
  /** Exif orientation, 1..8; 1 is upright. */
  readonly orientation: number;
  /** The ICC profile, if there is a whole one. */
  readonly profile: Uint8Array | undefined;
  /**
   * The file without stray bytes, fill bytes, comments and application segments, except for one
   * Adobe marker that says what `colours` says.
   */
  readonly normalized: Uint8Array;
}

/** A kind of JPEG that no decoder here reads. */
export class UnsupportedJpeg extends Error {
  /** The kind's name, as a message gives it. */
  readonly kind: string;

  constructor(kind: string) {
    super(`${kind} is not supported`);
    this.kind = kind;
  }
}

const SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DNL = 0xdc, APP0 = 0xe0, APP1 = 0xe1, APP2 = 0xe2;
const APP14 = 0xee, DHT = 0xc4, DAC = 0xcc, TEM = 0x01;

/** A marker with its parameters, and what follows up to the next marker. */
interface Segment {
  readonly marker: number;
  /** Parameters, without marker and length; empty for markers that have none. */
  readonly data: Uint8Array;
  /** Entropy-coded data after a start of scan, else empty. */
  readonly scan: Uint8Array;
}

/**
 * Reads a JPEG's segments (ITU-T T.81, annex B) as libjpeg does: bytes between segments are skipped,
 * and the segments that say nothing about the pixels may be broken.
 *
 * @param bytes The whole file, which starts with FF D8.
 * @throws {UnsupportedJpeg} The coding is one that no decoder here reads.
 * @throws {Error} The file is damaged or cut short.
 */
export function readJpeg(bytes: Uint8Array): Jpeg {
  const segments = readSegments(bytes);
  const frame = segments.find(({ marker }) => isFrame(marker));
  if (!frame) throw new Error("jpeg: no frame header");
  const { width, height, components } = readFrame(frame, segments);
  const colours = coloursOf(components, segments);
  const exif = Buffer.concat(applicationData(segments, APP1, "Exif\0\0"));
  return {
    width,
    height,
    colours,
    orientation: exifOrientation(exif),
    profile: profileOf(applicationData(segments, APP2, "ICC_PROFILE\0")),
    normalized: normalize(segments, colours, height),
  };
}

/** Frame headers are SOF0..15 but for DHT, JPG and DAC, and JPEG-LS's SOF55. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![DHT, 0xc8, DAC].includes(marker) || marker === 0xf7;
}

function readSegments(bytes: Uint8Array): Segment[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: Segment[] = [];
  let at = 2;
  while (true) {
    // Bytes that are no marker are strays; FF before FF fills; FF 00 is data of a scan.
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) return segments;
    const marker = bytes[at + 1];
    at += marker === 0xff ? 1 : 2;
    if (marker === EOI) {
      segments.push({ marker, data: new Uint8Array(), scan: new Uint8Array() });
      return segments;
    }
    const alone = marker === SOI || marker === TEM || marker >= 0xd0 && marker <= 0xd7;
    if (marker === 0x00 || marker === 0xff || alone) continue;
    const length = at + 2 <= bytes.length ? view.getUint16(at) : 0;
    if (length < 2 || at + length > bytes.length) {
      if (isApplication(marker)) return segments;
      throw new Error("jpeg: a segment is cut short");
    }
    const data = bytes.subarray(at + 2, at + length);
    at += length;
    const end = marker === SOS ? endOfScan(bytes, at) : at;
    segments.push({ marker, data, scan: bytes.subarray(at, end) });
    at = end;
  }
}

/** Application segments and comments. */
function isApplication(marker: number): boolean {
  return marker >= APP0 && marker <= 0xef || marker >= 0xf0 && marker !== 0xf7;
}

/** The position of the first marker after entropy-coded data that is no restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at)) {
    const next = bytes[at + 1];
    if (next === 0xff) at++;
    else if (next === 0x00 || next >= 0xd0 && next <= 0xd7) at += 2;
    else return at;
  }
  return bytes.length;
}

/** Names of the codings that the codec does not read, by the low half of the frame's marker. */
const CODINGS: Readonly<Record<number, string>> = {
  3: "lossless JPEG",
  5: "hierarchical JPEG",
  6: "hierarchical JPEG",
  7: "hierarchical JPEG",
  9: "arithmetic-coded JPEG",
  10: "arithmetic-coded JPEG",
  11: "arithmetic-coded JPEG",
  13: "hierarchical JPEG",
  14: "hierarchical JPEG",
  15: "hierarchical JPEG",
};

function readFrame({ marker, data }: Segment, segments: readonly Segment[]) {
  const coding = marker === 0xf7 ? "JPEG-LS" : CODINGS[marker & 0x0f];
  if (coding) throw new UnsupportedJpeg(coding);
  if (data.length < 6 || data.length < 6 + 3 * data[5]) throw new Error("jpeg: a cut frame header");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data[0] !== 8) throw new UnsupportedJpeg(`${data[0]}-bit JPEG`);
  if (![1, 3, 4].includes(data[5])) throw new UnsupportedJpeg(`JPEG of ${data[5]} components`);
  // A height of 0 is told after the first scan.
  const told = segments.find(({ marker, data }) => marker === DNL && data.length >= 2)?.data;
  const height = view.getUint16(1) || (told ? told[0] << 8 | told[1] : 0);
  const components = Array.from({ length: data[5] }, (_, c) => data[6 + 3 * c]);
  return { width: view.getUint16(3), height, components };
}

/**
 * Colours in libjpeg's order: of three components, JFIF means YCbCr; then Adobe's transform says
 * which; then the components' names, R, G and B.
 */
function coloursOf(components: readonly number[], segments: readonly Segment[]): JpegColours {
  if (components.length === 1) return "grey";
  const adobe = applicationData(segments, APP14, "Adobe").find(({ length }) => length >= 7);
  const transform = adobe?.[6];
  if (components.length === 4) return transform === undefined || transform === 0 ? "cmyk" : "ycck";
  const jfif = applicationData(segments, APP0, "JFIF\0").some(({ length }) => length >= 9);
  if (jfif) return "ycc";
  if (transform !== undefined) return transform === 0 ? "rgb" : "ycc";
  return String.fromCharCode(...components) === "RGB" ? "rgb" : "ycc";
}

/** Data of the application segments of a kind, after the signature that names it. */
function applicationData(
  segments: readonly Segment[],
  marker: number,
  signature: string,
): Uint8Array[] {
  return segments
    .filter((segment) =>
      segment.marker === marker &&
      String.fromCharCode(...segment.data.subarray(0, signature.length)) === signature
    )
    .map(({ data }) => data.subarray(signature.length));
}

/** An ICC profile from its parts, each with its number, from 1, and how many there are. */
function profileOf(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const numbered = new Map(parts.filter(({ length }) => length > 2).map((part) => [part[0], part]));
  const count = parts[0]?.[1] ?? 0;
  const ordered = Array.from({ length: count }, (_, i) => numbered.get(i + 1));
  if (count === 0 || ordered.includes(undefined)) return undefined;
  return Buffer.concat(ordered.map((part) => part!.subarray(2)));
}

const TRANSFORMS: Readonly<Record<JpegColours, number>> = {
  grey: 0,
  rgb: 0,
  ycc: 1,
  cmyk: 0,
  ycck: 2,
};

function normalize(segments: readonly Segment[], colours: JpegColours, height: number) {
  const adobe = [..."Adobe"].map((letter) => letter.charCodeAt(0));
  const parts: Uint8Array[] = [
    Uint8Array.of(0xff, SOI, 0xff, APP14, 0, 14, ...adobe, 0, 100, 0, 0, 0, 0, TRANSFORMS[colours]),
  ];
  for (const { marker, data, scan } of segments) {
    if (isApplication(marker) || marker === DNL) continue;
    if (marker === EOI) {
      parts.push(Uint8Array.of(0xff, EOI));
      continue;
    }
    const length = data.length + 2;
    const parameters = isFrame(marker)
      ? Uint8Array.of(data[0], height >> 8, height & 0xff, ...data.subarray(3))
      : data;
    parts.push(Uint8Array.of(0xff, marker, length >> 8, length & 0xff), parameters, scan);
  }
  return Buffer.concat(parts);
}
