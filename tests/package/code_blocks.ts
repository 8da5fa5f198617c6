/** A fenced block of code in a Markdown file. */
export interface CodeBlock {
  /** The words after the opening fence, e.g. `sh`. */
  readonly language: string;
  /** Between the fences. */
  readonly code: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  /** Why it is not run: of a comment `<!-- not run: reason -->` on the line before, blank lines aside. */
  readonly notRun: string | undefined;
}

/**
 * The fenced blocks of a Markdown text, in order. Fences of three backticks at the start of a line
 * are enough for this project's files.
 *
 * @example
 * ```ts
 * import { codeBlocks } from "./code_blocks.ts";
 *
 * const fence = "`".repeat(3);
 * const [block] = codeBlocks(`<!-- not run: slow -->\n\n${fence}sh\nsleep 9\n${fence}\n`);
 * console.assert(block.language === "sh" && block.code === "sleep 9\n" && block.line === 3);
 * console.assert(block.notRun === "slow");
 * ```
 */
export function codeBlocks(markdown: string): CodeBlock[] {
  const pattern = /(?:^<!-- not run: ([^\n]+) -->\n\n?)?^```(\w*)\n(.*?)^```$/gms;
  return Array.from(markdown.matchAll(pattern), (match) => {
    const [whole, notRun, language, code] = match;
    const fence = match.index + whole.indexOf("```");
    return { language, code, line: markdown.slice(0, fence).split("\n").length, notRun };
  });
}
