/**
 * Running differentiated models in tests.
 *
 * @module
 */
import { type Feeds, type Numbers, type Runner, runOnce } from "./runner.ts";
import type { Vjp } from "../../src/autodiff/vjp.ts";

/** Runs forward, then backward with the given output cotangent; outputs of both by name. */
export async function runVjp(
  runner: Runner,
  { forward, backward, residuals, inputs }: Vjp,
  feeds: Feeds,
  cotangent: Feeds,
): Promise<Record<string, Numbers>> {
  const ahead = await runOnce(runner, forward, feeds);
  const handed = Object.fromEntries([
    ...residuals.map((name) => [name, ahead[name]]),
    ...inputs.map((name) => [name, feeds[name]]),
  ]);
  return { ...ahead, ...await runOnce(runner, backward, { ...handed, ...cotangent }) };
}
