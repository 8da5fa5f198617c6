import { UserError } from "../errors.ts";
import { fileError } from "../files/file_error.ts";

/** The largest file that is read as an image: 1 GiB. An uncompressed PNG of 100 megapixels is smaller. */
export const MAX_BYTES = 2 ** 30;

/**
 * Reads an image's file, undecoded: the bytes that `decodeImage` takes, and whose hash identifies the
 * image of a result.
 *
 * @throws {UserError} The file is missing, a folder or a device, may not be read, or is larger than
 * `MAX_BYTES`.
 */
export async function readImageFile(path: string): Promise<Uint8Array> {
  const failed = `Cannot read image "${path}"`;
  const hint = "give the path of a PNG or JPEG image";
  try {
    const { isDirectory, isFile, size } = await Deno.stat(path);
    if (isDirectory) throw new UserError(`${failed}: it is a folder`, hint);
    if (!isFile) throw new UserError(`${failed}: it is not a regular file`, hint);
    if (size > MAX_BYTES) {
      throw new UserError(`${failed}: ${size} bytes are more than the limit of 1 GiB`, hint);
    }
    return await Deno.readFile(path);
  } catch (cause) {
    throw fileError(failed, cause, hint);
  }
}
