import { UserError } from "../errors.ts";
import { fileError } from "./file_error.ts";

/** Bytes that are read piece by piece, when they are needed: a file's, mostly. */
export interface ByteSource {
  /** Number of bytes. */
  readonly size: number;
  /**
   * Reads a piece into memory of its own or, where the bytes are in memory, as a view.
   *
   * Reading waits for the disk: ONNX Runtime's WebAssembly asks for weights in the middle of a call
   * that cannot wait for a promise.
   *
   * @throws {UserError} If there are fewer bytes, or the file system refuses.
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

/**
 * The bytes of a file, which is opened for each read: a model has hundreds of weights and no moment
 * at which the last one has been read.
 *
 * @param path Of a regular file that stays as it is.
 * @param size Its length.
 *
 * @example
 * ```ts
 * import { fileSource } from "./byte_source.ts";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, new Uint8Array([1, 2, 3, 4]));
 * console.assert(fileSource(path, 4).read(1, 2).join() === "2,3");
 * await Deno.remove(path);
 * ```
 */
export function fileSource(path: string, size: number): ByteSource {
  return {
    size,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      try {
        using file = Deno.openSync(path);
        file.seekSync(offset, Deno.SeekMode.Start);
        for (let done = 0; done < length;) {
          const read = file.readSync(bytes.subarray(done));
          if (read === null) {
            throw new UserError(
              `Cannot read "${path}": it ends before byte ${offset + length}`,
              "fetch the file again",
            );
          }
          done += read;
        }
      } catch (cause) {
        throw fileError(`Cannot read "${path}"`, cause, "fetch the file again");
      }
      return bytes;
    },
  };
}

/** The bytes of an array. */
export function memorySource(bytes: Uint8Array<ArrayBuffer>): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      if (offset + length > bytes.length) throw new Error(`Read past ${bytes.length} bytes`);
      return bytes.subarray(offset, offset + length);
    },
  };
}
