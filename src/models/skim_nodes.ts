import { fromBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { type NodeProto, NodeProtoSchema } from "npm:onnx-buf@1.20.0-1";
import { UserError } from "../errors.ts";
import { fileError } from "../files/file_error.ts";

/** Numbers of the fields on the way to a node: `ModelProto.graph`, `GraphProto.node`. */
const GRAPH = 7;
const NODE = 1;

/** Protobuf's wire types, and the length of those that have one. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/**
 * Reads the nodes of an ONNX file's graph and skips its weights: of a file of gigabytes, only as much
 * is in memory as the nodes take.
 *
 * @param path Of the file.
 * @throws {UserError} If the file cannot be read, or is no ONNX model.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { skimNodes } from "./skim_nodes.ts";
 *
 * const url = new URL("../../models/emoji-64/unet/model.onnx", import.meta.url);
 * const operators = new Set<string>();
 * for await (const { opType } of skimNodes(fileURLToPath(url))) operators.add(opType);
 * console.assert(operators.has("Conv"));
 * ```
 */
export async function* skimNodes(path: string): AsyncGenerator<NodeProto> {
  try {
    using cursor = await Cursor.open(path);
    for await (const graph of cursor.fields(cursor.end, GRAPH)) {
      for await (const node of cursor.fields(graph.end, NODE)) {
        yield fromBinary(NodeProtoSchema, await cursor.read(node.end - cursor.position));
      }
    }
  } catch (cause) {
    const told = fileError(`Cannot read "${path}"`, cause, "make the model's folder readable");
    if (told instanceof UserError) throw told;
    throw new UserError(
      `Cannot read ONNX model "${path}": ${cause instanceof Error ? cause.message : cause}`,
      "check that the file is an ONNX model and was downloaded whole",
      { cause },
    );
  }
}

/** A place in a file of protobuf messages. */
class Cursor implements Disposable {
  position = 0;
  /** Where the file ends. */
  readonly end: number;
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(1 << 16);
  #buffered = { start: 0, end: 0 };

  private constructor(file: Deno.FsFile, end: number) {
    this.#file = file;
    this.end = end;
  }

  static async open(path: string): Promise<Cursor> {
    const file = await Deno.open(path);
    return new Cursor(file, (await file.stat()).size);
  }

  /**
   * Stops at the content of each field of one number in the message that goes on until `end`; what
   * its content leaves unread is skipped, as are the other fields.
   */
  async *fields(end: number, wanted: number): AsyncGenerator<{ end: number }> {
    while (this.position < end) {
      const tag = await this.#varint();
      const type = tag % 8;
      if (type === VARINT) {
        await this.#varint();
        continue;
      }
      const length = type === LENGTH_DELIMITED ? await this.#varint() : FIXED[type];
      const fieldEnd = this.position + length;
      if (!(fieldEnd <= end)) throw new Error("its protobuf data is damaged");
      if (type === LENGTH_DELIMITED && Math.floor(tag / 8) === wanted) yield { end: fieldEnd };
      this.position = fieldEnd;
    }
  }

  async read(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      await this.#fill();
      const from = this.position - this.#buffered.start;
      const piece = this.#buffer.subarray(from, from + Math.min(length - done, this.#left));
      bytes.set(piece, done);
      done += piece.length;
      this.position += piece.length;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** A number in pieces of 7 bits, the lowest first. Lengths stay far below 2⁵³. */
  async #varint(): Promise<number> {
    for (let value = 0, scale = 1;; scale *= 128) {
      const [byte] = await this.read(1);
      value += scale * (byte & 127);
      if (byte < 128) return value;
    }
  }

  get #left(): number {
    return this.#buffered.end - this.position;
  }

  /** Makes at least one byte at the position available. */
  async #fill(): Promise<void> {
    if (this.position >= this.#buffered.start && this.#left > 0) return;
    await this.#file.seek(this.position, Deno.SeekMode.Start);
    const read = await this.#file.read(this.#buffer);
    if (read === null) throw new Error("it ends too early");
    this.#buffered = { start: this.position, end: this.position + read };
  }
}
