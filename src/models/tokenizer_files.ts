import type { TokenizerFiles } from "../prompt/tokenize.ts";
import type { ModelSource } from "./model_source.ts";

const TOKENIZER_FILES = [
  "tokenizer.json",
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
] as const;

/**
 * Reads those of a tokenizer's files that are there.
 *
 * @throws {UserError} If one cannot be read.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { folderSource } from "./model_source.ts";
 * import { readTokenizerFiles } from "./tokenizer_files.ts";
 *
 * const folder = new URL("../../models/emoji/tokenizer", import.meta.url);
 * const files = await readTokenizerFiles(folderSource(fileURLToPath(folder)));
 * console.assert(files["merges.txt"]?.startsWith("#version"));
 * ```
 */
export async function readTokenizerFiles(
  source: Pick<ModelSource, "has" | "read">,
): Promise<TokenizerFiles> {
  const files: { -readonly [name in keyof TokenizerFiles]: string } = {};
  for (const name of TOKENIZER_FILES) {
    if (await source.has(name)) files[name] = new TextDecoder().decode(await source.read(name));
  }
  return files;
}
