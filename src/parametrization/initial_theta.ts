import { UserError } from "../errors.ts";
import { normal, STREAMS } from "../backend/random.ts";
import { type AlphaImage, alphaToSquare } from "../image/geometry.ts";
import { resample } from "../image/resample.ts";
import type { Settings } from "../settings/settings.ts";

/** Points per side of the noise that `blurred-noise` enlarges. */
const COARSE = 16;

/**
 * Least distance of an initial α from 0 and 1. At 0.02, σ passes on a twelfth of the gradient that it
 * passes at ½. Closer to 0 or 1, a mask that starts wrong hardly moves.
 */
const MARGIN = 0.02;

/**
 * Computes the initial θ of the raster variants, on the host, once per optimisation:
 * - `noise`: N(0, 1), independent in every pixel;
 * - `blurred-noise`: N(0, 1) at 16 × 16 points, enlarged bilinearly to soft blotches, whose size in
 *   the image does not depend on the mask's size;
 * - `constant`: 0, so that α is ½;
 * - `image`: log(a / (1 − a)) of the given α, clipped to 0.02..0.98, so that α = σ(θ) is that image;
 *   *RGB bilateral* then blurs it along the image's edges.
 *
 * @param alpha The mask for `image`; it is brought to a square in the same way as the image.
 * @returns (alphaSize, alphaSize), the same for every prompt.
 * @throws {UserError} If `init` is `image` and `alpha` is missing.
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

/** θ ~ N(0, 1), (count); each counter gives other numbers. */
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
