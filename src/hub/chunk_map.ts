/** A piece of a file: bytes from `start` to before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A file that arrives in chunks. */
export interface ChunkedFile {
  /** Length of the whole file. */
  readonly bytes: number;
  /** Length of a chunk; the last may be shorter. */
  readonly chunkBytes: number;
  /** What content it is: chunks of different contents do not mix. */
  readonly identity: string;
}

const MISSING = ".";
const DONE = "#";

/**
 * Which chunks of a file are there. As text, it is one line about the file and then one character a
 * chunk, `#` or `.`, so that a chunk is marked by writing one byte.
 *
 * @example
 * ```ts
 * import { ChunkMap } from "./chunk_map.ts";
 *
 * const map = new ChunkMap({ bytes: 25, chunkBytes: 10, identity: "a" });
 * map.markDone(2);
 * console.assert(map.received === 5 && map.missing().join() === "0,1");
 * console.assert(map.toString() === "peekaboo 25 10 a\n..#");
 * ```
 */
export class ChunkMap {
  readonly file: ChunkedFile;
  readonly #done: boolean[];

  constructor(file: ChunkedFile) {
    this.file = file;
    this.#done = Array<boolean>(Math.ceil(file.bytes / file.chunkBytes)).fill(false);
  }

  /** Reads a map's text; nothing if it is none. */
  static parse(text: string): ChunkMap | undefined {
    const [, bytes, chunkBytes, identity, marks] =
      text.match(/^peekaboo (\d+) ([1-9]\d*) (\S+)\n([.#]*)$/) ?? [];
    if (marks === undefined) return undefined;
    const map = new ChunkMap({
      bytes: Number(bytes),
      chunkBytes: Number(chunkBytes),
      identity: decodeURIComponent(identity),
    });
    if (marks.length !== map.#done.length) return undefined;
    map.#done.forEach((_, chunk, done) => done[chunk] = marks[chunk] === DONE);
    return map;
  }

  /** The line about the file; the marks come after it. */
  get header(): string {
    const { bytes, chunkBytes, identity } = this.file;
    return `peekaboo ${bytes} ${chunkBytes} ${encodeURIComponent(identity)}\n`;
  }

  toString(): string {
    return this.header + this.#done.map((done) => done ? DONE : MISSING).join("");
  }

  /** Numbers of the chunks that are not there yet. */
  missing(): number[] {
    return [...this.#done.keys()].filter((chunk) => !this.#done[chunk]);
  }

  /** Which bytes a chunk is. */
  range(chunk: number): Range {
    const { bytes, chunkBytes } = this.file;
    const start = chunk * chunkBytes;
    return { start, end: Math.min(start + chunkBytes, bytes) };
  }

  /** Number of bytes in the chunks that are there. */
  get received(): number {
    return this.#done.reduce((sum, done, chunk) => {
      const { start, end } = this.range(chunk);
      return done ? sum + end - start : sum;
    }, 0);
  }

  /** Length that the data must have for the chunks that are there. */
  get extent(): number {
    const last = this.#done.lastIndexOf(true);
    return last < 0 ? 0 : this.range(last).end;
  }

  /** Marks a chunk. @returns What to write into the text, and where. */
  markDone(chunk: number): { offset: number; mark: string } {
    this.#done[chunk] = true;
    return { offset: this.header.length + chunk, mark: DONE };
  }
}

/** A chunk's length: a 64th of the file, so that little is lost if a process dies; 1 to 16 MiB. */
export function chunkBytesFor(bytes: number): number {
  return Math.min(Math.max(Math.ceil(bytes / 64), 1 << 20), 16 << 20);
}
