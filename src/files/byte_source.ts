import { UserError } from "../errors.ts";
import { fileError } from "./file_error.ts";

/** Bytes, usually of a file, that are read piece by piece when they are needed. */
export interface ByteSource {
  /** Number of bytes. */
  readonly size: number;
  /**
   * Reads a piece into new memory or, where the bytes are in memory already, gives a view of it.
   *
   * The call blocks: ONNX Runtime's WebAssembly asks for weights in the middle of a call that cannot
   * wait for a promise.
   *
   * @throws {UserError} There are fewer bytes, or the file system refuses.
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

/**
 * The bytes of a file. Each read opens the file, since nothing tells which read of a model's hundreds
 * of weights is the last.
 *
 * @param path A regular file that does not change.
 * @param size Its length in bytes.
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
