import { UserError } from "../errors.ts";
import { isInvisible } from "./unknown_words.ts";

/** The words for one mask: a prompt, or several whose embeddings are averaged. */
export type Label = string | readonly string[];

/** A label map has one byte per pixel, and 0 stands for no prompt. */
const MAX_RIVALS = 255;

/**
 * Refuses a call without prompts, or with one that is empty or shows nothing.
 *
 * @throws {UserError}
 */
export function checkPrompts(prompts: readonly string[]) {
  const hint = 'say it in words, e.g. "a strawberry"';
  if (prompts.length === 0) throw new UserError("No prompt given", hint);
  prompts.forEach((prompt, i) => {
    if (typeof prompt !== "string" || prompt.trim() === "") {
      throw new UserError(`Prompt ${i + 1} is empty`, hint);
    }
    if (isInvisible(prompt)) throw new UserError(`Prompt ${i + 1} has no visible character`, hint);
  });
}

/**
 * Lists the prompts of each label, at least one.
 *
 * @throws {UserError} There is no label, or a label has no prompt or an empty one.
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
 */
export function checkRivals(count: number) {
  if (count >= 2 && count <= MAX_RIVALS) return;
  throw new UserError(
    `Cannot make ${count} prompt${count === 1 ? "" : "s"} exclusive: wanted 2 to ${MAX_RIVALS}`,
    count < 2 ? "name also what else is in the image" : "give fewer",
  );
}
