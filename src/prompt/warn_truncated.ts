import type { Tokenizer } from "./tokenize.ts";

/**
 * Says which texts are longer than a text encoder reads.
 *
 * @param onWarning Told about each.
 *
 * @example
 * ```ts
 * import { warnTruncated } from "./warn_truncated.ts";
 *
 * const ids = new Int32Array(4);
 * const tokenizer = { maxLength: 4, encode: () => ({ ids, truncated: true, dropped: 3 }) };
 * const told: string[] = [];
 * warnTruncated(tokenizer, ["a dog on the moon"], (message) => told.push(message));
 * console.assert(told[0].includes("3 tokens longer"));
 * ```
 */
export function warnTruncated(
  tokenizer: Tokenizer,
  texts: readonly string[],
  onWarning: (message: string) => void,
) {
  for (const text of texts) {
    const { truncated, dropped } = tokenizer.encode(text);
    if (!truncated) continue;
    const characters = [...text];
    const start = characters.length > 40 ? `${characters.slice(0, 40).join("")}…` : text;
    onWarning(
      `Prompt "${start}" is ${dropped} tokens longer than the model's ${tokenizer.maxLength}; ` +
        "its end is ignored",
    );
  }
}
