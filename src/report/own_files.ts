import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { basename, join } from "node:path";
import * as v from "npm:valibot@1.5.0";
import { UserError } from "../errors.ts";
import { evaluationCsv } from "../evaluate/table.ts";
import { csv } from "../files/csv.ts";
import { fileError, isMissing } from "../files/file_error.ts";

/** The program's name in the files that it writes. */
const NAME = "Peekaboo";

/** The place of a PNG's second chunk: after the signature and the header. */
const PNG_HEAD = 33;
/** The chunk `tEXt` with the keyword `Software` (W3C PNG, section 11.3.3.2). */
const PNG_MARK = chunk("tEXt", `Software\0${NAME}`);
/** A comment extension (GIF89a, section 24), and the trailer that every GIF ends with. */
const GIF_MARK = Buffer.from(`\x21\xfe${String.fromCharCode(NAME.length)}${NAME}\0\x3b`, "latin1");
/** A comment, and the last tag of every SVG. */
const SVG_MARK = `<!-- ${NAME} --></svg>\n`;
const SVG_END = Buffer.from(SVG_MARK);
/** The start of the numbers of an ablation. */
export const CSV_HEADER = [
  "run",
  "variant",
  "lambda",
  "iteration",
  "mean_alpha",
  "coverage",
  "variance",
];

/** The starts of tables of numbers: an ablation's, and an evaluation's. */
const CSV_STARTS = [csv([CSV_HEADER]), evaluationCsv([])].map((start) => Buffer.from(start));

/** The fields that every report has, and those of a list of scenes. */
const REPORT = v.union([
  v.looseObject({
    version: v.string(),
    model: v.string(),
    device: v.picklist(["webgpu", "cpu"]),
    seed: v.number(),
    sha256: v.looseObject({ model: v.string() }),
  }),
  v.looseObject({ info: v.looseObject({ contributor: v.literal(NAME) }) }),
]);

/** Files above this size are not looked into: 1 GiB. */
const MAX_BYTES = 2 ** 30;

/** Adds the program's name to an image that is about to be written; other files stay as they are. */
export function marked(name: string, content: Uint8Array | string): Uint8Array | string {
  if (typeof content === "string") {
    return name.endsWith(".svg") ? content.replace(/<\/svg>\s*$/, SVG_MARK) : content;
  }
  if (name.endsWith(".png")) {
    return Buffer.concat([content.subarray(0, PNG_HEAD), PNG_MARK, content.subarray(PNG_HEAD)]);
  }
  return name.endsWith(".gif") ? Buffer.concat([content.subarray(0, -1), GIF_MARK]) : content;
}

/** Whether a file's content shows that Peekaboo wrote it. */
export function isOwn(bytes: Uint8Array): boolean {
  return PNG_MARK.equals(bytes.subarray(PNG_HEAD, PNG_HEAD + PNG_MARK.length)) ||
    GIF_MARK.equals(bytes.subarray(-GIF_MARK.length)) ||
    SVG_END.equals(bytes.subarray(-SVG_END.length)) ||
    CSV_STARTS.some((start) => start.equals(bytes.subarray(0, start.length))) ||
    reportIn(bytes) !== undefined;
}

/**
 * Refuses to write over a file that Peekaboo did not write. Its own are known by their content, or
 * because a report among them lists them.
 *
 * @param names Names of the files that are going to be written into the folder.
 * @param overwrite Allows it, unless a folder stands where a file should be.
 * @throws {UserError} Names the first such file.
 */
export async function checkOwnFiles(
  folder: string,
  names: readonly string[],
  { overwrite = false }: { readonly overwrite?: boolean | undefined },
): Promise<void> {
  const there = new Map<string, Uint8Array | undefined>();
  for (const name of names) {
    const content = await read(join(folder, name), !overwrite);
    if (content !== "missing") there.set(name, content);
  }
  if (overwrite) return;
  const listed = new Set([...there.values()].flatMap((bytes) => bytes ? filesOf(bytes) : []));
  for (const [name, bytes] of there) {
    if (bytes && (isOwn(bytes) || listed.has(name))) continue;
    throw new UserError(
      `Cannot replace "${join(folder, name)}": Peekaboo did not write it`,
      "choose another folder for the results, or give `overwrite: true`",
    );
  }
}

/**
 * The bytes of a file that may be one of ours; undefined for one that cannot be, as it is a device, a
 * link to nothing, or too large.
 *
 * @throws {UserError} It is a folder, or it may not be read.
 */
async function read(path: string, wanted: boolean): Promise<Uint8Array | undefined | "missing"> {
  try {
    const { isSymlink } = await Deno.lstat(path);
    const { isFile, isDirectory, size } = await Deno.stat(path).catch((error) => {
      if (isSymlink && isMissing(error)) return { isFile: false, isDirectory: false, size: 0 };
      throw error;
    });
    if (isDirectory) {
      throw new UserError(
        `Cannot write "${path}": it is a folder`,
        "choose another folder for the results",
      );
    }
    return wanted && isFile && size <= MAX_BYTES ? await Deno.readFile(path) : undefined;
  } catch (cause) {
    if (isMissing(cause)) return "missing";
    throw fileError(`Cannot look at "${path}"`, cause, "choose another folder for the results");
  }
}

/** The report in a file, if it is one. */
function reportIn(bytes: Uint8Array): unknown {
  if (bytes[0] !== "{".charCodeAt(0)) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return v.is(REPORT, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Names of the files that a report lists. */
function filesOf(bytes: Uint8Array): string[] {
  const found: string[] = [];
  const walk = (value: unknown) => {
    if (typeof value === "string") found.push(basename(value.replaceAll("\\", "/")));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
  };
  walk(reportIn(bytes));
  return found;
}

/** A PNG chunk: length, type, data, CRC. */
function chunk(type: string, data: string): Buffer {
  const body = Buffer.from(type + data, "latin1");
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
