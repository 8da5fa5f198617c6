import { checkAlpha, type Colour, type Image } from "../image/image.ts";
import { DEFAULT_THRESHOLD } from "./threshold.ts";

/** An image that says which of several masks each pixel belongs to. */
export interface LabelMap extends Image {
  /** One: an index. */
  readonly channels: 1;
  /** One byte per pixel: 0 for no mask, i for mask number i, from 1. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** The colour of each index. */
  readonly palette: readonly Colour[];
  /** Fraction of the pixels of each index: one more than there are masks. */
  readonly coverage: readonly number[];
}

/**
 * Gives each pixel to the mask with the largest α there, if that is at least `threshold`; of equal
 * ones, to the first.
 *
 * @param size The image, or its width and height.
 * @param alphas 1 to 255 masks (height, width) of the image, 0..1.
 * @param threshold In 0..1, by default ½.
 * @throws {UserError} A mask has another size than the image.
 *
 * @example
 * ```ts
 * import { encodePng, images } from "../../mod.ts";
 *
 * const dog = Float32Array.of(0.9, 0.6, 0.1);
 * const cat = Float32Array.of(0.2, 0.7, 0.3);
 * const map = images.labelMap({ width: 3, height: 1 }, [dog, cat]);
 * console.assert(map.data.join() === "1,2,0");
 * console.assert((await encodePng(map))[25] === 3); // PNG's colour type: indexed
 * ```
 */
export function labelMap(
  size: Pick<Image, "width" | "height">,
  alphas: readonly Float32Array[],
  threshold = DEFAULT_THRESHOLD,
): LabelMap {
  for (const alpha of alphas) checkAlpha(size, alpha);
  const { width, height } = size;
  const data = new Uint8Array(width * height);
  const counts = new Array<number>(alphas.length + 1).fill(0);
  for (let i = 0; i < data.length; i++) {
    let most = -Infinity;
    for (const [a, alpha] of alphas.entries()) {
      if (alpha[i] < threshold || alpha[i] <= most) continue;
      most = alpha[i];
      data[i] = a + 1;
    }
    counts[data[i]]++;
  }
  const coverage = counts.map((count) => count / data.length);
  return { width, height, channels: 1, data, palette: colormap(counts.length), coverage };
}

/**
 * The first colours, 1 to 256, of the PASCAL VOC colour map, the custom for label maps: 0 is black, and
 * the bits of each index are dealt to red, green and blue in turn, so that neighbours differ.
 */
export function colormap(count: number): Colour[] {
  return Array.from({ length: count }, (_, index) => {
    const colour: [number, number, number] = [0, 0, 0];
    for (let bit = 0; bit < 8; bit++) {
      if (index >> bit & 1) colour[bit % 3] |= 0x80 >> Math.floor(bit / 3);
    }
    return colour;
  });
}
