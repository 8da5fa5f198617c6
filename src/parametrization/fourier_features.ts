/** K, the number of frequencies; twice as many features. */
export const FREQUENCIES = 128;

/**
 * Fourier features of an image's pixels (Tancik et al. 2020, equation 5): with the pixels' centres
 * at `u = (x + ½) / width` and `v = (y + ½) / height`,
 *
 *     features_k = sin 2π(a_k u + b_k v),   features_{K+k} = cos 2π(a_k u + b_k v)
 *
 * Computed on the host in 64 bits, once an optimisation: a shader's sine may be wrong in the fourth
 * digit, and backends would differ.
 *
 * @param frequencies (a_k, b_k) for k < K, in cycles an image: (K, 2).
 * @returns (2K, height, width), within ±1.
 *
 * @example
 * ```ts
 * import { fourierFeatures } from "./fourier_features.ts";
 *
 * // One cycle from left to right, seen at 1/8, 3/8, 5/8 and 7/8 of the width.
 * const features = fourierFeatures(Float32Array.of(1, 0), 1, 4);
 * const signs = Array.from(features, Math.sign);
 * console.assert(signs.join() === "1,1,-1,-1,1,-1,-1,1");
 * ```
 */
export function fourierFeatures(
  frequencies: Float32Array,
  height: number,
  width: number,
): Float32Array {
  const count = frequencies.length / 2, pixels = height * width;
  const features = new Float32Array(2 * count * pixels);
  for (let k = 0; k < count; k++) {
    const a = frequencies[2 * k], b = frequencies[2 * k + 1];
    const sines = k * pixels, cosines = (count + k) * pixels;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const phase = 2 * Math.PI * (a * (x + 0.5) / width + b * (y + 0.5) / height);
        features[sines + y * width + x] = Math.sin(phase);
        features[cosines + y * width + x] = Math.cos(phase);
      }
    }
  }
  return features;
}
