"""The tokenizer: CLIP's byte-pair encoding, with merges that make each word of the captions one token."""

import functools
import json
import re
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from networks import TOKENS
from scenes import ROOT

START, END = "<|startoftext|>", "<|endoftext|>"
END_OF_WORD = "</w>"
GRAMMAR = """a an the photo of emoji picture on background and left right above below at top bottom
striped checkered to side in with small"""


def words() -> list[str]:
    spec = json.loads((ROOT / "src/datasets/emoji.json").read_text())
    found = GRAMMAR.split() + list(spec["hues"]) + list(spec["colours"])
    for name, entry in spec["words"].items():
        found += name.split() + entry["phrase"].split()
    return sorted(set(found))


def merges(words: list[str]) -> list[tuple[str, str]]:
    """Merges that make each word one token, the same ones every time.

    (A trained BPE has as many pairs of one frequency as there are words, and its trainer breaks such
    ties differently in each process.) A word is merged from its left; merges that other words bring
    later come after all of its own and change nothing of it.
    """
    ranks: dict[tuple[str, str], int] = {}
    for word in words:
        parts = [*word[:-1], word[-1] + END_OF_WORD]
        while len(parts) > 1:
            pairs = list(zip(parts, parts[1:]))
            best = min(pairs, key=lambda pair: ranks.get(pair, len(ranks)))
            ranks.setdefault(best, len(ranks))
            merged, i = [], 0
            while i < len(parts):
                step = 2 if tuple(parts[i:i + 2]) == best else 1
                merged.append("".join(parts[i:i + step]))
                i += step
            parts = merged
    return list(ranks)


def build() -> Tokenizer:
    rules = merges(words())
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    # Letters in the middle of a word and at its end are tokens both, as in CLIP.
    tokens = [START, END]
    for letter in [*letters, *"0123456789!?,.'-"]:
        tokens += [letter, letter + END_OF_WORD]
    tokens += [a + b for a, b in rules]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.BPE(
        vocabulary, rules, unk_token=END, end_of_word_suffix=END_OF_WORD,
    ))
    tokenizer.add_special_tokens([START, END])
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase(),
    ])
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    tokenizer.post_processor = processors.RobertaProcessing(
        (END, 1), (START, 0), trim_offsets=False, add_prefix_space=False
    )
    return tokenizer


TOKENIZER = build()


@functools.cache
def encode(caption: str) -> list[int]:
    """TOKENS ids: start, the caption, then end to the last place."""
    ids = TOKENIZER.encode(caption).ids
    assert len(ids) <= TOKENS, f"{len(ids)} tokens: {caption}"
    return ids + [1] * (TOKENS - len(ids))


def save(folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    TOKENIZER.save(str(folder / "tokenizer.json"))
    TOKENIZER.model.save(str(folder))
    special = {k: END for k in ("eos_token", "pad_token", "unk_token")} | {"bos_token": START}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=1))
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": TOKENS, "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(config | special, indent=1))
