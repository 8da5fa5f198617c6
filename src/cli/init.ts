import { UserError } from "../errors.ts";
import { decodeAlpha } from "../image/decode_alpha.ts";
import type { AlphaImage } from "../image/geometry.ts";
import { readImageFile } from "../image/read.ts";
import type { Settings } from "../settings/settings.ts";
import { INITS } from "../settings/table.ts";

/** What masks start from, as the user gave it. */
export interface Init {
  readonly init: Settings["init"];
  /** The image to start from, if it is one. */
  readonly image?: {
    readonly path: string;
    readonly bytes: Uint8Array;
    readonly mask: AlphaImage;
  };
}

/**
 * Reads the value of `--init`: one of {@link INITS}, else the path of an image; `./noise` is a file.
 *
 * @throws {UserError} There is no such image, or it cannot be decoded.
 */
export async function readInit(value: string): Promise<Init> {
  const word = INITS.find((init) => init === value);
  if (word) return { init: word };
  try {
    const bytes = await readImageFile(value);
    return {
      init: "image",
      image: { path: value, bytes, mask: await decodeAlpha(bytes, value) },
    };
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new UserError(cause.message, `give ${INITS.join(", ")}, or an image`, { cause });
  }
}
