import { UserError } from "../errors.ts";
import { normal, STREAMS } from "../backend/random.ts";
import { type AlphaImage, alphaToSquare } from "../image/geometry.ts";
import { resample } from "../image/resample.ts";
import type { Settings } from "../settings/settings.ts";

/** Points on a side of the noise that `blurred-noise` enlarges. */
const COARSE = 16;

/**
 * How far an initial α stays from 0 and 1: at 0.02, σ passes on a twelfth of the gradient it passes
 * at ½; nearer, a mask that starts wrong hardly moves.
 */
const MARGIN = 0.02;

/**
 * θ that the raster variants start from:
 * - `noise`: N(0, 1), every pixel by itself;
 * - `blurred-noise`: N(0, 1) at 16 × 16 points, enlarged bilinearly: soft blotches of the same size
 *   in the image, however large the mask;
 * - `constant`: 0, so that α is ½;
 * - `image`: log(a / (1 − a)) of the α given, cut to 0.02..0.98, so that α = σ(θ) is that image;
 *   *RGB bilateral* blurs it along the image's edges.
 *
 * It is made on the host, once an optimisation.
 *
 * @param alpha For `image`: brought to the mask's square as the image itself is.
 * @returns (alphaSize, alphaSize), the same for every prompt.
 * @throws {UserError} `image` without one.
 *
 * @example
 * ```ts
 * import { initialTheta } from "./initial_theta.ts";
 *
 * const settings = { init: "image", alphaSize: 16, seed: 0, square: "scale" } as const;
 * const alpha = { width: 1, height: 1, alpha: Float32Array.of(0.75) };
 * const theta = initialTheta(settings, alpha);
 * console.assert(theta.every((value) => Math.abs(value - Math.log(3)) < 1e-6));
 * ```
 */
export function initialTheta(
  { init, alphaSize, seed, square }: Pick<Settings, "init" | "alphaSize" | "seed" | "square">,
  alpha?: AlphaImage,
): Float32Array {
  switch (init) {
    case "noise":
      return thetaNoise(alphaSize ** 2, seed);
    case "blurred-noise": {
      const data = thetaNoise(COARSE ** 2, seed);
      const coarse = { width: COARSE, height: COARSE, channels: 1, data };
      return resample(coarse, { x: 0, y: 0, ...coarse }, alphaSize, alphaSize);
    }
    case "constant":
      return new Float32Array(alphaSize ** 2);
    case "image":
      if (!alpha) {
        throw new UserError(
          'Invalid init "image": no mask to start from was given',
          "give one as initialMask",
        );
      }
      return alphaToSquare(alpha, alphaSize, square).map(logit);
  }
}

/** θ ~ N(0, 1), by the generator's twin; others for another counter. */
export function thetaNoise(count: number, seed: number, counter = 0): Float32Array<ArrayBuffer> {
  const result = new Float32Array(count);
  normal.twin({ result }, { count, seed, stream: STREAMS.init, counter });
  return result;
}

/** The inverse of σ. */
function logit(alpha: number): number {
  const inside = Math.min(1 - MARGIN, Math.max(MARGIN, alpha));
  return Math.log(inside / (1 - inside));
}
