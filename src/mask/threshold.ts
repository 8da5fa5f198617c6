/** The mask is α ≥ this unless the user says otherwise. */
export const DEFAULT_THRESHOLD = 0.5;

/**
 * The hard mask of an alpha map: 255 where α ≥ `threshold`, 0 elsewhere.
 *
 * @param alpha Values in 0..1, of any shape.
 * @param threshold In 0..1; ½ unless the user says otherwise.
 *
 * @example
 * ```ts
 * import { thresholdMask } from "./threshold.ts";
 *
 * console.assert(thresholdMask(Float32Array.of(0.2, 0.5, 0.9), 0.5).join() === "0,255,255");
 * ```
 */
export function thresholdMask(alpha: Float32Array, threshold: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(alpha.length);
  for (let i = 0; i < mask.length; i++) mask[i] = alpha[i] >= threshold ? 255 : 0;
  return mask;
}

/**
 * How much of the image the mask takes: the fraction of pixels with α ≥ `threshold`, 0..1.
 *
 * @example
 * ```ts
 * import { coverage } from "./threshold.ts";
 *
 * console.assert(coverage(Float32Array.of(0.2, 0.5, 0.9, 0), 0.5) === 0.5);
 * ```
 */
export function coverage(alpha: Float32Array, threshold: number): number {
  let inside = 0;
  for (let i = 0; i < alpha.length; i++) if (alpha[i] >= threshold) inside++;
  return inside / alpha.length;
}
