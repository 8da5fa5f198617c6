import { encodePng } from "../image/encode.ts";
import { labelMap } from "../mask/label_map.ts";
import type { Segmentation } from "../segment.ts";
import type { OutputFolder } from "./output_folder.ts";

/** A label map that was written, and what its indices mean. */
export interface WrittenLabelMap {
  /** Path of the indexed PNG, of the image's size. */
  readonly file: string;
  /** By index: first what is no prompt's, then the prompts in order. */
  readonly legend: readonly LegendEntry[];
}

/** What one index of a label map means. */
export interface LegendEntry {
  readonly index: number;
  /** Its colour in the image's palette, `#rrggbb`. */
  readonly colour: string;
  /** The prompt whose α is largest there and reaches the threshold; null for index 0, none. */
  readonly prompt: string | null;
  /** Fraction of the image's pixels, 0..1; all entries' sum is 1. */
  readonly coverage: number;
}

/**
 * Writes `<stem>.labels.png`, which gives each pixel to one of the prompts that competed, or to none.
 *
 * @param segmentations 1 to 255, of one image.
 * @throws {UserError} The file cannot be written.
 */
export async function writeLabelMap(
  folder: OutputFolder,
  segmentations: readonly Segmentation[],
  { stem, threshold }: { readonly stem: string; readonly threshold: number },
): Promise<WrittenLabelMap> {
  const map = labelMap(segmentations[0], segmentations.map(({ alpha }) => alpha), threshold);
  return {
    file: await folder.write(`${stem}.labels.png`, await encodePng(map)),
    legend: map.palette.map((colour, index) => ({
      index,
      colour: `#${Uint8Array.from(colour).toHex()}`,
      prompt: index === 0 ? null : segmentations[index - 1].prompt,
      coverage: map.coverage[index],
    })),
  };
}
