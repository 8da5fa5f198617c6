import { UserError } from "../errors.ts";

/** A special token as tokenizer files write it: its text, or its text with matching flags. */
type SpecialToken = string | { readonly content: string; readonly normalized?: boolean };

/** The fields of `tokenizer_config.json` and `special_tokens_map.json` that matter for CLIP. */
export interface TokenizerConfig {
  readonly model_max_length?: number;
  readonly bos_token?: SpecialToken;
  readonly eos_token?: SpecialToken;
  readonly unk_token?: SpecialToken;
  readonly pad_token?: SpecialToken;
}

/** What splits a normalised prompt into words: contractions, letters, single digits, the rest. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/**
 * The text of a special token, `<|endoftext|>` where the configuration names none.
 *
 * @example
 * ```ts
 * import { tokenText } from "./clip_tokenizer.ts";
 *
 * console.assert(tokenText({ content: "<|startoftext|>" }) === "<|startoftext|>");
 * console.assert(tokenText() === "<|endoftext|>");
 * ```
 */
export function tokenText(token: SpecialToken = "<|endoftext|>"): string {
  return typeof token === "string" ? token : token.content;
}

/**
 * Describes CLIP's tokenizer in the form of a `tokenizer.json`, from the files that came before it:
 * Stable Diffusion's own folders hold only `vocab.json`, `merges.txt` and the configuration.
 * Lower-casing byte-level BPE with an end-of-word mark (Radford et al. 2021, section 2.4).
 *
 * @param vocab `vocab.json`: the id of every token.
 * @param merges `merges.txt`: one merge a line, best first.
 * @param config Names of the special tokens.
 * @throws {UserError} If a special token is not in the vocabulary.
 *
 * @example
 * ```ts
 * import { clipTokenizerJson } from "./clip_tokenizer.ts";
 *
 * const vocab = { "<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2 };
 * const json = clipTokenizerJson(vocab, "#version: 0.2\n", { bos_token: "<|startoftext|>" });
 * console.assert(json.model.merges.length === 0);
 * ```
 */
export function clipTokenizerJson(
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
