"""The tokenizer: CLIP's byte-pair encoding, trained until each word of the captions is one token."""

import functools
import json
import re
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers.trainers import BpeTrainer

from networks import TOKENS
from scenes import ROOT

START, END = "<|startoftext|>", "<|endoftext|>"
GRAMMAR = """a an the photo of emoji picture on background and left right above below at top bottom
striped checkered to side in with small"""


def build() -> Tokenizer:
    spec = json.loads((ROOT / "src/datasets/emoji.json").read_text())
    words = GRAMMAR.split() + list(spec["hues"]) + list(spec["colours"])
    for name, entry in spec["words"].items():
        words += name.split() + entry["phrase"].split()
    tokenizer = Tokenizer(models.BPE(unk_token=END, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase(),
    ])
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    alphabet = letters + [*"0123456789!?,.'-"]
    tokenizer.train_from_iterator([" ".join(sorted(set(words)))], BpeTrainer(
        vocab_size=20000, min_frequency=1, special_tokens=[START, END], show_progress=False,
        initial_alphabet=alphabet, end_of_word_suffix="</w>",
    ))
    # Byte-level letters in the middle of a word and at its end are tokens both, as in CLIP.
    state = json.loads(tokenizer.to_str())
    vocab = state["model"]["vocab"]
    for letter in alphabet:
        for token in (letter, letter + "</w>"):
            vocab.setdefault(token, len(vocab))
    tokenizer = Tokenizer.from_str(json.dumps(state))
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
