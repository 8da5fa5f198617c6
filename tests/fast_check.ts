/**
 * fast-check with a fresh seed in every run of the tests, which is printed once on stderr. The
 * environment variable `FC_SEED` repeats a run.
 *
 * @module
 */
import fc from "npm:fast-check@4.10.2";

if (!Deno.env.has("FC_SEED")) {
  const seed = crypto.getRandomValues(new Int32Array(1))[0];
  // The environment belongs to the process, so the other test files find this seed.
  Deno.env.set("FC_SEED", `${seed}`);
  console.error(`Property tests: FC_SEED=${seed}`);
}
const seed = Number(Deno.env.get("FC_SEED"));
if (!Number.isInteger(seed)) throw new Error(`FC_SEED must be a whole number: ${seed}`);
fc.configureGlobal({ seed });

export default fc;

/**
 * Cases of a property that every run tries before the fresh ones: the first cases of a seed.
 */
export function pinned<T>(arbitrary: fc.Arbitrary<T>, seed: number, count: number): [T][] {
  return fc.sample(arbitrary, { seed, numRuns: count }).map((value) => [value]);
}
