import { fileError } from "../files/file_error.ts";

/**
 * A file that is arriving: `<path>`, with its {@link ChunkMap} in `<path>.map`, which marks a chunk
 * once its bytes are written. A process that dies leaves a true map; after a machine has died, the
 * file's hash tells whether the map is true.
 */
export class PartFile implements Disposable {
  /** Path of the bytes. */
  readonly path: string;
  /** Whether chunks had arrived before it was opened. */
  readonly resumed: boolean;
  readonly #mapFile: Deno.FsFile;
  #map: ChunkMap;

  private constructor(path: string, mapFile: Deno.FsFile, map: ChunkMap) {
    this.path = path;
    this.#mapFile = mapFile;
    this.#map = map;
    this.resumed = map.received > 0;
  }

  /**
   * Opens a file whose arrival goes on, or starts.
   *
   * @param path Path of the bytes; the folder must exist.
   * @throws {UserError} The file system refused.
   */
  static async open(path: string, file: ChunkedFile): Promise<PartFile> {
    let mapFile: Deno.FsFile | undefined;
    try {
      using data = await Deno.open(path, { create: true, write: true });
      mapFile = await Deno.open(mapPath(path), { create: true, write: true });
      const found = ChunkMap.parse(await Deno.readTextFile(mapPath(path)));
      const empty = new ChunkMap(file);
      // If marked chunks lie beyond the end of the data, something else has changed the file.
      const usable = found?.header === empty.header && found.extent <= (await data.stat()).size;
      const part = new PartFile(path, mapFile, usable ? found : empty);
      if (!usable) part.restart();
      return part;
    } catch (cause) {
      mapFile?.close();
      throw fileError(`Cannot write "${path}"`, cause, "make the cache folder writable");
    }
  }

  /** Counts the bytes of a file that have arrived, without opening it. */
  static async received(path: string): Promise<number> {
    const text = await Deno.readTextFile(mapPath(path)).catch(() => "");
    return ChunkMap.parse(text)?.received ?? 0;
  }

  /** The chunks that have arrived. */
  get map(): Pick<ChunkMap, "file" | "missing" | "range" | "received"> {
    return this.#map;
  }

  /** Opens the data for writing from an offset on. */
  async writeFrom(start: number): Promise<PartWriter> {
    const file = await Deno.open(this.path, { write: true });
    await file.seek(start, Deno.SeekMode.Start);
    return {
      async write(bytes) {
        for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      },
      [Symbol.dispose]: () => file.close(),
    };
  }

  /** Marks a chunk whose bytes are written. */
  markDone(chunk: number): void {
    const { offset, mark } = this.#map.markDone(chunk);
    this.#writeMap(offset, mark);
  }

  /** Forgets all chunks. */
  restart(): void {
    this.#map = new ChunkMap(this.#map.file);
    this.#mapFile.truncateSync(0);
    this.#writeMap(0, this.#map.toString());
  }

  /** Removes the map, and the file unless it has been renamed. Call it after disposal. */
  async remove(): Promise<void> {
    for (const path of [this.path, mapPath(this.path)]) {
      await Deno.remove(path).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  }

  [Symbol.dispose](): void {
    this.#mapFile.close();
  }

  /** Writes without waiting, so that chunks that end together do not move each other's place. */
  #writeMap(offset: number, text: string): void {
    this.#mapFile.seekSync(offset, Deno.SeekMode.Start);
    this.#mapFile.writeSync(new TextEncoder().encode(text));
  }
}

/** Writes one chunk's bytes, in order. */
export interface PartWriter extends Disposable {
  write(bytes: Uint8Array): Promise<void>;
}

function mapPath(path: string): string {
  return `${path}.map`;
}

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
  /** Name of the content: chunks of different contents do not mix. */
  readonly identity: string;
}

const MISSING = ".";
const DONE = "#";

/**
 * Marks the chunks of a file that have arrived. Its text is one line about the file and then one
 * character per chunk, `#` or `.`, so that one byte marks a chunk.
 */
export class ChunkMap {
  readonly file: ChunkedFile;
  readonly #done: boolean[];

  constructor(file: ChunkedFile) {
    this.file = file;
    this.#done = Array<boolean>(Math.ceil(file.bytes / file.chunkBytes)).fill(false);
  }

  /** Reads a map's text; gives nothing for any other text. */
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

  /** The line about the file, before the marks. */
  get header(): string {
    const { bytes, chunkBytes, identity } = this.file;
    return `peekaboo ${bytes} ${chunkBytes} ${encodeURIComponent(identity)}\n`;
  }

  toString(): string {
    return this.header + this.#done.map((done) => done ? DONE : MISSING).join("");
  }

  /** Numbers of the chunks that have not arrived. */
  missing(): number[] {
    return [...this.#done.keys()].filter((chunk) => !this.#done[chunk]);
  }

  /** The bytes that a chunk covers. */
  range(chunk: number): Range {
    const { bytes, chunkBytes } = this.file;
    const start = chunk * chunkBytes;
    return { start, end: Math.min(start + chunkBytes, bytes) };
  }

  /** Number of bytes in the chunks that have arrived. */
  get received(): number {
    return this.#done.reduce((sum, done, chunk) => {
      const { start, end } = this.range(chunk);
      return done ? sum + end - start : sum;
    }, 0);
  }

  /** Length that a file with these chunks has at least. */
  get extent(): number {
    const last = this.#done.lastIndexOf(true);
    return last < 0 ? 0 : this.range(last).end;
  }

  /** Marks a chunk. @returns The character to write into the text, and its place. */
  markDone(chunk: number): { offset: number; mark: string } {
    this.#done[chunk] = true;
    return { offset: this.header.length + chunk, mark: DONE };
  }
}

/** Length of a chunk: a 64th of the file, so that a process that dies loses little; 1 to 16 MiB. */
export function chunkBytesFor(bytes: number): number {
  return Math.min(Math.max(Math.ceil(bytes / 64), 1 << 20), 16 << 20);
}
