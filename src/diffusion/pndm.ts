import type { SamplingStep } from "./sampling_step.ts";

/** Weights of the Adams–Bashforth methods of order 1 to 4, the latest estimate first. */
const MULTISTEP = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/** Number of earlier steps that a multistep method of order 4 needs. */
const WARM_UP = 3;

/**
 * Lists the steps of PNDM, *pseudo numerical methods for diffusion models* (Liu et al. 2022): linear
 * multistep methods (their equation 12) whose moves between timesteps are DDIM's. They begin with
 * three pseudo Runge–Kutta steps (equation 13) of four evaluations each; or, with `skipPrkSteps`, as
 * latent diffusion does, with one pseudo improved Euler step of two and then rising orders.
 *
 * @param timesteps From the noisiest to the cleanest.
 */
export function pndm(
  timesteps: readonly number[],
  { skipPrkSteps }: { readonly skipPrkSteps: boolean },
): SamplingStep[] {
  return timesteps.map((timestep, k) => {
    const next = timesteps[k + 1];
    // Beyond the end there is no timestep at which the U-Net could run.
    if (next !== undefined && !skipPrkSteps && k < WARM_UP) return rungeKutta(timestep, next);
    if (next !== undefined && skipPrkSteps && k === 0) return improvedEuler(timestep, next);
    const weights = MULTISTEP[Math.min(k, WARM_UP)];
    return [{ timestep, weights, target: next ?? "end" }];
  });
}

/** Moves along (e₁ + 2e₂ + 2e₃ + e₄) / 6: e₁ at the start, e₂ and e₃ half-way, e₄ at the end. */
function rungeKutta(from: number, to: number): SamplingStep {
  const middle = from - Math.floor((from - to) / 2);
  return [
    { timestep: from, weights: [1], target: middle },
    { timestep: middle, weights: [1], target: middle },
    { timestep: middle, weights: [1], target: to },
    { timestep: to, weights: [1 / 6, 2 / 6, 2 / 6, 1 / 6], target: to },
  ];
}

/** Moves along (e₁ + e₂) / 2: e₁ at the start, e₂ at the end. */
function improvedEuler(from: number, to: number): SamplingStep {
  return [
    { timestep: from, weights: [1], target: to },
    { timestep: to, weights: [1 / 2, 1 / 2], target: to },
  ];
}
