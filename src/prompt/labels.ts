import { UserError } from "../errors.ts";
import { checkPrompts } from "./check_prompts.ts";

/** What one mask is of: a prompt, or the mean of several. */
export type Label = string | readonly string[];

/** A label map has one byte a pixel, and 0 is no prompt's. */
const MAX_RIVALS = 255;

/**
 * The prompts of each label, at least one.
 *
 * @throws {UserError} There is no label, or one has no prompt or an empty one.
 *
 * @example
 * ```ts
 * import { promptsOf } from "./labels.ts";
 *
 * const prompts = promptsOf(["a cat", ["a dog", "a puppy"]]);
 * console.assert(prompts.map((label) => label.length).join() === "1,2");
 * ```
 */
export function promptsOf(labels: string | readonly Label[]): readonly (readonly string[])[] {
  const all = (typeof labels === "string" ? [labels] : labels)
    .map((label) => typeof label === "string" ? [label] : label);
  checkPrompts(all.flat());
  const empty = all.findIndex((prompts) => prompts.length === 0);
  if (empty < 0) return all;
  throw new UserError(
    `Label ${empty + 1} is the mean of no prompts`,
    "give it one or more, or leave it out",
  );
}

/**
 * Refuses labels that cannot compete for the pixels.
 *
 * @param count Number of labels.
 * @throws {UserError} There are fewer than 2, or more than 255.
 *
 * @example
 * ```ts
 * import { checkRivals } from "./labels.ts";
 *
 * checkRivals(2);
 * ```
 */
export function checkRivals(count: number) {
  if (count >= 2 && count <= MAX_RIVALS) return;
  throw new UserError(
    `Cannot make ${count} prompt${count === 1 ? "" : "s"} exclusive: wanted 2 to ${MAX_RIVALS}`,
    count < 2 ? "name also what else is in the image" : "give fewer",
  );
}
