/** Words with their apostrophes; and signs that are no punctuation, such as emoji. */
const WORDS = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’][\p{L}\p{M}]+)*|[^\s\p{L}\p{N}\p{P}]+/gu;

/** Characters that nobody sees. */
const INVISIBLE = /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Z}]/gu;

/** Whether a text shows nothing: blanks, control characters, characters of no width. */
export function isInvisible(text: string): boolean {
  return text.replace(INVISIBLE, "") === "";
}

/**
 * Finds the words of some texts that a model's list does not have, each once, as they are written. A
 * word that cannot be seen is given as its code points, `U+200B`.
 *
 * @param vocabulary Words in lower case, between spaces.
 */
export function unknownWords(texts: readonly string[], vocabulary: string): string[] {
  const known = new Set(vocabulary.split(" "));
  const words = texts.flatMap((text) => text.normalize("NFC").match(WORDS) ?? []);
  const unknown = words.filter((word) => !known.has(word.toLowerCase()));
  return [...new Set(unknown.map((word) => isInvisible(word) ? codePoints(word) : word))];
}

function codePoints(text: string): string {
  const hexadecimal = (sign: string) => sign.codePointAt(0)!.toString(16).toUpperCase();
  return Array.from(text, (sign) => `U+${hexadecimal(sign).padStart(4, "0")}`).join(" ");
}
