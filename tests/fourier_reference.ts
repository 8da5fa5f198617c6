/**
 * Computes one network of the Fourier parametrization from its equations, pixel by pixel, in 64 bits.
 *
 * @param phi The values of φ, by the names of `fourierParameters`.
 * @param features (256, pixels).
 * @returns (C, pixels).
 */
export function referenceField(
  phi: Readonly<Record<string, ArrayLike<number>>>,
  features: ArrayLike<number>,
  pixels: number,
): Float64Array {
  let x = Float64Array.from(features);
  for (let layer = 0;; layer++) {
    const y = convolve(phi[`weight${layer}`], phi[`bias${layer}`], x, pixels);
    if (!(`scale${layer}` in phi)) return y;
    const activated = y.map((value) => Math.max(0, value));
    x = normalize(activated, phi[`scale${layer}`], phi[`shift${layer}`], pixels);
  }
}

/** W x + b in every pixel. */
function convolve(
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  x: Float64Array,
  pixels: number,
): Float64Array<ArrayBuffer> {
  const inputs = x.length / pixels, y = new Float64Array(bias.length * pixels);
  for (let i = 0; i < y.length; i++) {
    const row = Math.floor(i / pixels), pixel = i % pixels;
    y[i] = bias[row];
    for (let k = 0; k < inputs; k++) y[i] += weight[row * inputs + k] * x[k * pixels + pixel];
  }
  return y;
}

/** γ (x − μ) / √(v + 10⁻⁵) + β in every channel. */
function normalize(
  x: Float64Array,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
  pixels: number,
): Float64Array<ArrayBuffer> {
  const result = new Float64Array(x.length);
  for (let channel = 0; channel < x.length / pixels; channel++) {
    const values = x.subarray(channel * pixels, (channel + 1) * pixels);
    const mean = values.reduce((a, b) => a + b) / pixels;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels;
    values.forEach((value, i) => {
      const normalized = (value - mean) / Math.sqrt(variance + 1e-5);
      result[channel * pixels + i] = scale[channel] * normalized + shift[channel];
    });
  }
  return result;
}
