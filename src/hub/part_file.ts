import { fileError } from "../files/file_error.ts";
import { type ChunkedFile, ChunkMap } from "./chunk_map.ts";

/**
 * A file that is arriving: `<path>`, and its {@link ChunkMap} in `<path>.map`, where a chunk is marked
 * when its bytes are written. A process that dies leaves a true map; what a machine that dies leaves
 * is for the file's hash to tell.
 *
 * @example
 * ```ts
 * import { PartFile } from "./part_file.ts";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   using part = await PartFile.open(`${folder}/x`, { bytes: 5, chunkBytes: 3, identity: "a" });
 *   using writer = await part.writeFrom(3);
 *   await writer.write(Uint8Array.of(4, 5));
 *   part.markDone(1);
 * }
 * console.assert(await PartFile.received(`${folder}/x`) === 2);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class PartFile implements Disposable {
  /** Where the bytes are. */
  readonly path: string;
  /** Whether chunks were there when it was opened. */
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
   * Continues what is there of a file, or starts it.
   *
   * @param path Where the bytes go; the folder must exist.
   * @throws {UserError} The file system refused.
   */
  static async open(path: string, file: ChunkedFile): Promise<PartFile> {
    let mapFile: Deno.FsFile | undefined;
    try {
      using data = await Deno.open(path, { create: true, write: true });
      mapFile = await Deno.open(mapPath(path), { create: true, write: true });
      const found = ChunkMap.parse(await Deno.readTextFile(mapPath(path)));
      const empty = new ChunkMap(file);
      // Marked chunks beyond the end of the data: someone else has been at it.
      const usable = found?.header === empty.header && found.extent <= (await data.stat()).size;
      const part = new PartFile(path, mapFile, usable ? found : empty);
      if (!usable) part.restart();
      return part;
    } catch (cause) {
      mapFile?.close();
      throw fileError(`Cannot write "${path}"`, cause, "make the cache folder writable");
    }
  }

  /** How many bytes of a file have arrived, without opening it. */
  static async received(path: string): Promise<number> {
    const text = await Deno.readTextFile(mapPath(path)).catch(() => "");
    return ChunkMap.parse(text)?.received ?? 0;
  }

  /** Which chunks are there. */
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

  /** Marks a chunk as there, once its bytes are written. */
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

  /** Removes the file, if it has not been renamed, and its map. Call after disposal. */
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

  /** At once, so that chunks that end at the same time do not move each other's place. */
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
