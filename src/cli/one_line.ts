/**
 * A line for a terminal: what the user gave may hold line breaks and escape sequences, which are
 * written as `\u` escapes.
 *
 * @example
 * ```ts
 * import { oneLine } from "./one_line.ts";
 *
 * console.assert(oneLine("a\ndog") === "a\\u000adog\n");
 * ```
 */
export function oneLine(text: string): string {
  const escape = (control: string) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${text.replace(/\p{Cc}/gu, escape)}\n`;
}
