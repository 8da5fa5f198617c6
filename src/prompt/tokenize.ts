import { UserError } from "../errors.ts";
import { unknownWords } from "./unknown_words.ts";
import { withoutNulls } from "../files/check_json.ts";

/** Texts of the files in a model's `tokenizer` folder, by name. */
export type TokenizerFiles = Readonly<
  Partial<
    Record<
      | "tokenizer.json"
      | "vocab.json"
      | "merges.txt"
      | "tokenizer_config.json"
      | "special_tokens_map.json",
      string | undefined
    >
  >
>;

/** A special token as tokenizer files write it: its text, or its text with matching flags. */
type SpecialToken = string | { readonly content: string; readonly normalized?: boolean };

/** The fields of `tokenizer_config.json` and `special_tokens_map.json` that matter for CLIP. */
interface TokenizerConfig {
  readonly model_max_length?: number;
  readonly bos_token?: SpecialToken;
  readonly eos_token?: SpecialToken;
  readonly unk_token?: SpecialToken;
  readonly pad_token?: SpecialToken;
}

/** Matches the words of a normalised prompt: contractions, letters, single digits, the rest. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** A prompt as the text encoder takes it. */
export interface TokenizedPrompt {
  /** Token ids: start of text, words, end of text, then padding; `maxLength` of them. */
  readonly ids: Int32Array<ArrayBuffer>;
  /** Whether the prompt was too long, so that its end was dropped. */
  readonly truncated: boolean;
  /** Number of tokens dropped, 0 unless `truncated`. */
  readonly dropped: number;
  /** Whether no token stands for a character of the prompt: it reads as the empty prompt. */
  readonly blank: boolean;
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
   * astronomical `model_max_length`, which means no limit. The default is the configuration's.
   */
  readonly sequenceLength?: number | undefined;
}

/**
 * Builds CLIP's tokenizer from a model's own files: from `tokenizer.json`, or where that is missing
 * from `vocab.json` and `merges.txt`. Both give the same ids.
 *
 * @throws {UserError} Files are missing, broken, or disagree with each other.
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
  const special = new Set(
    [
      config.bos_token ?? "<|startoftext|>",
      config.eos_token,
      unknownToken(json) ?? config.unk_token,
    ]
      .map((token) => bpe.token_to_id(tokenText(token))),
  );
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
      const blank = ids.every((id) => special.has(id));
      return { ids: padded, truncated: dropped > 0, dropped, blank };
    },
  };
}

/** Most unknown words that a warning names. */
const MOST_WORDS = 10;

/** How a model reads texts. */
export interface Reader {
  readonly tokenizer: Tokenizer;
  /** The words that the model knows, in lower case between spaces, if its manifest lists them. */
  readonly vocabulary?: string | undefined;
}

/**
 * Tokenizes texts, each once.
 *
 * @param onWarning Receives a message for each text that is longer than the text encoder reads, and
 * one for the words that the model does not know.
 * @throws {UserError} The tokenizer leaves nothing of a text that is not empty.
 */
export function tokenizeTexts(
  { tokenizer, vocabulary }: Reader,
  texts: readonly string[],
  onWarning: (message: string) => void,
): TokenizedPrompt[] {
  const tokens = texts.map((text) => encodeReadable(tokenizer, text));
  const unknown = vocabulary === undefined ? [] : unknownWords(texts, vocabulary);
  if (unknown.length > 0) {
    const words = unknown.slice(0, MOST_WORDS).map((word) => `"${shown(word)}"`).join(", ");
    const others = unknown.length > MOST_WORDS ? ` and ${unknown.length - MOST_WORDS} others` : "";
    onWarning(`The model does not know the word${unknown.length > 1 ? "s" : ""} ${words}${others}`);
  }
  tokens.forEach(({ truncated, dropped }, i) => {
    if (!truncated) return;
    onWarning(
      `Prompt "${shown(texts[i])}" is ${dropped} tokens longer than the model's ` +
        `${tokenizer.maxLength}; its end is ignored`,
    );
  });
  return tokens;
}

/**
 * Tokenizes a text.
 *
 * @throws {UserError} The text is not empty but would read as if it were, because the tokenizer knows
 * none of its characters.
 */
export function encodeReadable(tokenizer: Tokenizer, text: string): TokenizedPrompt {
  const tokens = tokenizer.encode(text);
  if (!tokens.blank || text.trim() === "") return tokens;
  throw new UserError(
    `Cannot read prompt "${shown(text)}": the model's tokenizer knows none of its characters`,
    'say it in words that the model knows, e.g. "a strawberry"',
  );
}

/** A text as messages quote it, cut to 40 characters. */
function shown(text: string): string {
  const characters = [...text];
  return characters.length > 40 ? `${characters.slice(0, 40).join("")}…` : text;
}

/** The token that a `tokenizer.json` has for unknown characters, if it names one. */
function unknownToken({ model }: { readonly model?: unknown }): string | undefined {
  if (typeof model !== "object" || model === null || !("unk_token" in model)) return undefined;
  return typeof model.unk_token === "string" ? model.unk_token : undefined;
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
    // In `tokenizer.json`, a null is a value: a step that is not taken.
    const value = JSON.parse(
      text,
      /^(tokenizer_config|special)/.test(name) ? withoutNulls : undefined,
    );
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

/** The text of a special token; `<|endoftext|>` where the configuration names none. */
function tokenText(token: SpecialToken = "<|endoftext|>"): string {
  return typeof token === "string" ? token : token.content;
}

/**
 * Describes CLIP's tokenizer in the form of a `tokenizer.json`, from the files that came before it:
 * Stable Diffusion's own folders hold only `vocab.json`, `merges.txt` and the configuration.
 * Lower-casing byte-level BPE with an end-of-word mark (Radford et al. 2021, section 2.4).
 *
 * @param vocab `vocab.json`: the id of every token.
 * @param merges `merges.txt`: one merge per line, best first.
 * @param config Names of the special tokens.
 * @throws {UserError} A special token is not in the vocabulary.
 */
function clipTokenizerJson(
  vocab: Readonly<Record<string, number>>,
  merges: string,
  config: TokenizerConfig,
) {
  const id = (token: string) => {
    if (Object.hasOwn(vocab, token)) return vocab[token];
    throw new UserError(
      `Cannot build the tokenizer: special token "${token}" is not in vocab.json`,
      "fetch the model's tokenizer files again",
    );
  };
  const bos = tokenText(config.bos_token ?? "<|startoftext|>");
  const eos = tokenText(config.eos_token);
  // Several roles may share one token; the flags of the last role hold, as in transformers.
  const special = new Map<string, boolean>();
  for (const role of ["bos_token", "eos_token", "unk_token", "pad_token"] as const) {
    const token = config[role];
    if (token === undefined) continue;
    special.set(tokenText(token), typeof token === "object" && token.normalized === true);
  }
  return {
    version: "1.0",
    added_tokens: Array.from(
      special,
      ([content, normalized]) => ({ id: id(content), content, normalized, special: true }),
    ),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: WORDS }, behavior: "Removed", invert: true },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: [eos, id(eos)],
      cls: [bos, id(bos)],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: null,
    model: {
      type: "BPE",
      unk_token: tokenText(config.unk_token),
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      // A merge may itself begin with "#": only the version line is a comment.
      merges: merges.split(/\r?\n/).filter((line) => line && !line.startsWith("#version")),
    },
  };
}
