import { UserError } from "../errors.ts";
import { clipTokenizerJson, type TokenizerConfig, tokenText } from "./clip_tokenizer.ts";

/** Texts of the files in a model's `tokenizer` folder, by name. */
export type TokenizerFiles = Readonly<
  Partial<
    Record<
      | "tokenizer.json"
      | "vocab.json"
      | "merges.txt"
      | "tokenizer_config.json"
      | "special_tokens_map.json",
      string
    >
  >
>;

/** A prompt as the text encoder takes it. */
export interface TokenizedPrompt {
  /** Token ids: start of text, words, end of text, then padding; `maxLength` of them. */
  readonly ids: Int32Array<ArrayBuffer>;
  /** Whether the prompt was too long, so that its end was dropped. */
  readonly truncated: boolean;
  /** Number of tokens dropped, 0 unless `truncated`. */
  readonly dropped: number;
}

/** Turns prompts into token ids with a model's own vocabulary. */
export interface Tokenizer {
  /** Number of ids a prompt is padded or cut to; 77 for Stable Diffusion. */
  readonly maxLength: number;
  /** Tokenizes one prompt; the empty prompt is the unconditional one. */
  encode(prompt: string): TokenizedPrompt;
}

/** Options of {@link createTokenizer}. */
export interface TokenizerOptions {
  /**
   * Sequence length of the text encoder, where its graph fixes one. Some folders give an
   * astronomical `model_max_length`, which means none. Default: the configuration's.
   */
  readonly sequenceLength?: number;
}

/**
 * Builds CLIP's tokenizer from a model's own files: from `tokenizer.json`, or where that is missing
 * from `vocab.json` and `merges.txt`. Both give the same ids.
 *
 * @throws {UserError} If files are missing, broken, or disagree with each other.
 *
 * @example
 * ```ts
 * import { createTokenizer } from "./tokenize.ts";
 *
 * const tokenizer = await createTokenizer({
 *   "vocab.json": '{"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2, "b</w>": 3}',
 *   "merges.txt": "#version: 0.2\n",
 *   "tokenizer_config.json": '{"model_max_length": 6}',
 * });
 * console.assert(tokenizer.encode("A b").ids.join() === "0,2,3,1,1,1");
 * ```
 */
export async function createTokenizer(
  files: TokenizerFiles,
  { sequenceLength }: TokenizerOptions = {},
): Promise<Tokenizer> {
  const config: TokenizerConfig = {
    ...parse(files, "tokenizer_config.json"),
    ...parse(files, "special_tokens_map.json"),
  };
  const json = parse(files, "tokenizer.json") ?? tokenizerJsonFromVocab(files, config);
  const { Tokenizer } = await import("npm:@huggingface/tokenizers@0.2.0");
  let bpe: InstanceType<typeof Tokenizer>;
  try {
    bpe = new Tokenizer(json, config);
  } catch (cause) {
    throw new UserError(
      `Cannot build the tokenizer: ${cause instanceof Error ? cause.message : cause}`,
      "fetch the model's tokenizer files again",
      { cause },
    );
  }

  const maxLength = sequenceLength ?? config.model_max_length;
  if (maxLength === undefined || !(maxLength >= 2 && maxLength <= 1e6)) {
    throw new UserError(
      `Cannot build the tokenizer: model_max_length is ${maxLength ?? "missing"}`,
      "set model_max_length in tokenizer_config.json, 77 for Stable Diffusion",
    );
  }
  const padToken = tokenText(config.pad_token ?? config.eos_token);
  const padId = bpe.token_to_id(padToken);
  if (padId === undefined) {
    throw new UserError(
      `Cannot build the tokenizer: padding token "${padToken}" is not in the vocabulary`,
      "fetch the model's tokenizer files again",
    );
  }

  return {
    maxLength,
    encode(prompt) {
      // JavaScript lower-cases a Σ that ends a word to ς; transformers' tokenizer lower-cases each
      // character by itself, to σ.
      const { ids } = bpe.encode(prompt.replaceAll("Σ", "σ"));
      const dropped = Math.max(0, ids.length - maxLength);
      const padded = new Int32Array(maxLength).fill(padId);
      padded.set(ids.slice(0, maxLength));
      if (dropped > 0) padded[maxLength - 1] = ids[ids.length - 1];
      return { ids: padded, truncated: dropped > 0, dropped };
    },
  };
}

function tokenizerJsonFromVocab(files: TokenizerFiles, config: TokenizerConfig) {
  const vocab = parse(files, "vocab.json");
  const merges = files["merges.txt"];
  if (!vocab || merges === undefined) {
    throw new UserError(
      "Cannot build the tokenizer: wanted tokenizer.json, or vocab.json and merges.txt, " +
        `found ${Object.keys(files).join(", ") || "no file"}`,
      "add the missing files to the model's tokenizer folder",
    );
  }
  return clipTokenizerJson(vocab as Record<string, number>, merges, config);
}

/** The object in one of the files; nothing if the file is not there. */
function parse(
  files: TokenizerFiles,
  name: keyof TokenizerFiles,
): Record<string, unknown> | undefined {
  const text = files[name];
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
    throw new TypeError("not an object");
  } catch (cause) {
    throw new UserError(
      `Cannot read tokenizer file "${name}": ${cause instanceof Error ? cause.message : cause}`,
      "fetch the model's tokenizer files again",
      { cause },
    );
  }
}
