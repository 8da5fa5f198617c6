import { onGround } from "../image/ground.ts";
import type { Image } from "../image/image.ts";
import { MASK_KINDS, type MaskKind, renderMask } from "../mask/render.ts";
import { slugs } from "../files/slug.ts";
import { coverage } from "../mask/threshold.ts";
import type { Segmentation } from "../segment.ts";
import type { OutputFolder } from "./output_folder.ts";

/** One label's result, with the files it was written to. */
export interface WrittenSegmentation {
  readonly segmentation: Segmentation;
  /** Paths by kind; only the kinds asked for. */
  readonly files: Readonly<Partial<Record<MaskKind | "timelapse", string>>>;
  /** Fraction of the image's pixels in the mask, 0..1. */
  readonly coverage: number;
}

/** How to write {@link Segmentation}s. */
export interface WriteOptions {
  /** What the files' names begin with, from `fileStem`. */
  readonly stem: string;
  readonly emit: readonly MaskKind[];
  /** The mask is α ≥ this. */
  readonly threshold: number;
  /** Animated GIFs, one a result, if they were asked for. */
  readonly films?: readonly Uint8Array[] | undefined;
}

/**
 * Writes `<stem>.<prompt>.alpha.png` (8-bit grey), `.mask.png` (0 or 255), `.cutout.png` (RGBA) and
 * `.overlay.png`, all in the image's size; and if there are films, `.timelapse.gif`.
 *
 * @throws {UserError} A file cannot be written; those before it stay, whole.
 */
export async function writeSegmentations(
  folder: OutputFolder,
  image: Image,
  segmentations: readonly Segmentation[],
  { stem, emit, threshold, films }: WriteOptions,
): Promise<WrittenSegmentation[]> {
  const names = slugs(segmentations.map(({ prompt }) => prompt));
  const written = [];
  for (const [i, segmentation] of segmentations.entries()) {
    const files: Partial<Record<MaskKind | "timelapse", string>> = {};
    const seen = onGround(image, segmentation.settings.ground);
    for (const kind of MASK_KINDS.filter((kind) => emit.includes(kind))) {
      const png = await renderMask(
        kind,
        kind === "overlay" ? seen : image,
        segmentation.alpha,
        threshold,
      );
      files[kind] = await folder.write(`${stem}.${names[i]}.${kind}.png`, png);
    }
    if (films?.[i]) {
      files.timelapse = await folder.write(`${stem}.${names[i]}.timelapse.gif`, films[i]);
    }
    written.push({ segmentation, files, coverage: coverage(segmentation.alpha, threshold) });
  }
  return written;
}
