import type { Backend, Tensor } from "./backend/backend.ts";
import { UserError } from "./errors.ts";

/**
 * Reads what an optimisation has made.
 *
 * @param what What it is, in a word.
 * @param done Iterations that made it.
 * @throws {UserError} The optimisation diverged: something in it is no number.
 */
export async function readFinite(
  backend: Backend,
  tensor: Tensor,
  what: string,
  done: number,
): Promise<Float32Array<ArrayBuffer>> {
  const values = await backend.read(tensor);
  if (!values.some(Number.isNaN)) return values;
  throw new UserError(
    `The optimisation diverged within ${done} iterations: the ${what} is not a number`,
    "use a smaller learning rate, guidance or λ",
  );
}
