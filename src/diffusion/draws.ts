import type { Backend, Tensor } from "../backend/backend.ts";
import { normal, STREAMS, uniformAt } from "../backend/random.ts";

/**
 * The random quantities of one iteration (paper, Algorithm 1): all prompts of a call share them,
 * so that a prompt's mask does not depend on which other prompts run with it.
 */
export interface Draws {
  /** t, the diffusion timestep of iteration `i`. */
  timestep(i: number): number;
  /** b, the flat background colour of iteration `i`: red, green, blue, 0..1. */
  background(i: number): readonly [red: number, green: number, blue: number];
  /** Fills `noise` with ε of iteration `i`, N(0, 1). */
  noise(i: number, noise: Tensor): void;
  /** Fills `noise` with the encoder posterior's sample of iteration `i`, N(0, 1). */
  posterior(i: number, noise: Tensor): void;
}

/**
 * Draws from the counter-based generator: t ~ U{tMin..tMax}, b ~ U[0,1)³, ε ~ N(0, I). Each
 * quantity has a stream of its own and iteration `i` is the counter, so that no draw moves another.
 */
export function seededDraws(
  backend: Backend,
  { seed, tMin, tMax }: { seed: number; tMin: number; tMax: number },
): Draws {
  const fill = (stream: number, counter: number, result: Tensor) =>
    backend.dispatch(normal, { result }, { count: result.size, seed, stream, counter });
  return {
    timestep: (i) => tMin + Math.floor(uniformAt(seed, STREAMS.timestep, i, 0) * (tMax - tMin + 1)),
    background: (i) => [
      uniformAt(seed, STREAMS.background, i, 0),
      uniformAt(seed, STREAMS.background, i, 1),
      uniformAt(seed, STREAMS.background, i, 2),
    ],
    noise: (i, noise) => fill(STREAMS.noise, i, noise),
    posterior: (i, noise) => fill(STREAMS.posterior, i, noise),
  };
}
