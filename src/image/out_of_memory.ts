import type { ImageHeader } from "./header.ts";

/** The most a codec holds of a pixel at once: the image as RGBA, and a working copy of it. */
const BYTES_PER_PIXEL = 8;

/** Bytes of a page of WebAssembly's memory. */
const PAGE = 65536;

/** The PNG codec's words for an allocation that failed; damaged data gives −2 and −8. */
const PNG_ALLOCATION = /^png: failed to decode \(-[46]\)$/;

/**
 * Whether a codec failed because memory ran out, not because of the data. The codecs for JPEG and
 * GIF trap alike on both, so after a trap the memory that the image needs is tried for.
 *
 * @param cause What the codec threw.
 *
 * @example
 * ```ts
 * import { isOutOfMemory } from "./out_of_memory.ts";
 *
 * const dot = { format: "gif", width: 1, height: 1, orientation: 1 } as const;
 * console.assert(isOutOfMemory(new RangeError("Array buffer allocation failed"), dot));
 * console.assert(!isOutOfMemory(new WebAssembly.RuntimeError("unreachable"), dot));
 * ```
 */
export function isOutOfMemory(cause: unknown, { width, height }: ImageHeader): boolean {
  if (cause instanceof RangeError) return true;
  if (cause instanceof WebAssembly.RuntimeError) return !isFree(BYTES_PER_PIXEL * width * height);
  return cause instanceof Error && PNG_ALLOCATION.test(cause.message);
}

function isFree(bytes: number): boolean {
  try {
    new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
    return true;
  } catch {
    return false;
  }
}
