import { UserError } from "../errors.ts";

/**
 * The template of captions, where neither the caller nor the model's manifest gives one.
 *
 * @example
 * ```ts
 * import { DEFAULT_TEMPLATE } from "./compose_captions.ts";
 *
 * console.assert(DEFAULT_TEMPLATE.includes("{foreground}"));
 * ```
 */
export const DEFAULT_TEMPLATE = "{foreground} by {background}";

/**
 * Composes the captions of a grid: the template, filled with each pair of a foreground's and a
 * background's prompt.
 *
 * @param template Text with `{foreground}` and `{background}` in it, each once or more.
 * @returns The captions of the first foreground, then those of the next.
 * @throws {UserError} The template lacks one of the two.
 *
 * @example
 * ```ts
 * import { composeCaptions } from "./compose_captions.ts";
 *
 * const captions = composeCaptions(["a cat"], ["a castle", "a lake"], "{foreground} by {background}");
 * console.assert(captions.join() === "a cat by a castle,a cat by a lake");
 * ```
 */
export function composeCaptions(
  foregrounds: readonly string[],
  backgrounds: readonly string[],
  template: string,
): string[] {
  for (const part of ["{foreground}", "{background}"]) {
    if (template.includes(part)) continue;
    throw new UserError(
      `Invalid template "${template}": wanted ${part} in it`,
      `e.g. "${DEFAULT_TEMPLATE}"`,
    );
  }
  return foregrounds.flatMap((foreground) =>
    backgrounds.map((background) =>
      // Both at once: a prompt may hold braces itself.
      template.replace(
        /\{(foreground|background)\}/g,
        (_, part) => part === "foreground" ? foreground : background,
      )
    )
  );
}
