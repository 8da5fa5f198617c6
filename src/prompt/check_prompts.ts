import { UserError } from "../errors.ts";

/**
 * Refuses a call without prompts, or with an empty one.
 *
 * @throws {UserError}
 *
 * @example
 * ```ts
 * import { checkPrompts } from "./check_prompts.ts";
 *
 * checkPrompts(["a strawberry"]);
 * ```
 */
export function checkPrompts(prompts: readonly string[]) {
  const hint = 'say it in words, e.g. "a strawberry"';
  if (prompts.length === 0) throw new UserError("No prompt given", hint);
  prompts.forEach((prompt, i) => {
    if (typeof prompt !== "string" || prompt.trim() === "") {
      throw new UserError(`Prompt ${i + 1} is empty`, hint);
    }
  });
}
