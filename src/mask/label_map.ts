/** Which of several masks each pixel of an image belongs to. */
export interface LabelMap {
  /** A byte a pixel: 0 for none, i for the mask number i, from 1. */
  readonly indices: Uint8Array<ArrayBuffer>;
  /** Fraction of the pixels that are 0, 1, …: one number more than there are masks. */
  readonly coverage: readonly number[];
}

/**
 * Gives each pixel to the mask with the largest α there, if that is at least `threshold`; of equal
 * ones, to the first.
 *
 * @param alphas 1 to 255 masks of one size, 0..1.
 * @param threshold In 0..1.
 *
 * @example
 * ```ts
 * import { labelMap } from "./label_map.ts";
 *
 * const dog = Float32Array.of(0.9, 0.6, 0.1);
 * const cat = Float32Array.of(0.2, 0.7, 0.3);
 * console.assert(labelMap([dog, cat], 0.5).indices.join() === "1,2,0");
 * ```
 */
export function labelMap(alphas: readonly Float32Array[], threshold: number): LabelMap {
  const indices = new Uint8Array(alphas[0].length);
  const counts = new Array<number>(alphas.length + 1).fill(0);
  for (let i = 0; i < indices.length; i++) {
    let most = -Infinity;
    for (const [a, alpha] of alphas.entries()) {
      if (alpha[i] < threshold || alpha[i] <= most) continue;
      most = alpha[i];
      indices[i] = a + 1;
    }
    counts[indices[i]]++;
  }
  return { indices, coverage: counts.map((count) => count / indices.length) };
}
