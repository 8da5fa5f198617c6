/**
 * The inverse error function, to 1.3 · 10⁻⁷ of its value, by two polynomials in
 * `w = −log(1 − x²)` (Giles, "Approximating the erfinv function", GPU Computing Gems, 2011).
 *
 * @param x In (−1, 1).
 * @returns The number y with erf(y) = x.
 *
 * @example
 * ```ts
 * import { inverseErf } from "./inverse_erf.ts";
 *
 * console.assert(inverseErf(0) === 0);
 * console.assert(Math.abs(inverseErf(0.5) - 0.4769362762) < 1e-6);
 * ```
 */
export function inverseErf(x: number): number {
  let w = -Math.log((1 - x) * (1 + x));
  let p: number;
  if (w < 5) {
    w -= 2.5;
    p = 2.81022636e-08;
    p = 3.43273939e-07 + p * w;
    p = -3.5233877e-06 + p * w;
    p = -4.39150654e-06 + p * w;
    p = 0.00021858087 + p * w;
    p = -0.00125372503 + p * w;
    p = -0.00417768164 + p * w;
    p = 0.246640727 + p * w;
    p = 1.50140941 + p * w;
  } else {
    w = Math.sqrt(w) - 3;
    p = -0.000200214257;
    p = 0.000100950558 + p * w;
    p = 0.00134934322 + p * w;
    p = -0.00367342844 + p * w;
    p = 0.00573950773 + p * w;
    p = -0.0076224613 + p * w;
    p = 0.00943887047 + p * w;
    p = 1.00167406 + p * w;
    p = 2.83297682 + p * w;
  }
  return p * x;
}
