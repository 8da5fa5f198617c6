"""Writes the token ids that transformers' CLIPTokenizer gives for a list of prompts.

    python tests/golden/tokenizer.py <folder of CLIP's own tokenizer files>
    deno fmt tests/golden

Two tokenizers are asked: the embedded model's, and CLIP's own (Stable Diffusion 1.4's), whose
vocabulary maps every byte. CLIP's vocabulary (MIT licence) is cut down for the test: a merge can
only ever apply to a word that contains its result, so dropping all other merges changes no id;
this is asserted. Needs transformers 5.
"""

import json
import shutil
import sys
from pathlib import Path

import transformers
from transformers import CLIPTokenizer

HERE = Path(__file__).parent
EMBEDDED = HERE.parent.parent / "models/emoji/tokenizer"
OUT = HERE / "tokenizer"

OBJECTS = """apple banana strawberry pineapple watermelon carrot pizza hamburger doughnut dog cat tiger panda
frog penguin fish octopus butterfly bee turtle cactus sunflower mushroom snowman rocket car sailboat soccer_ball
basketball guitar crown robot alien ghost gift key balloon umbrella house tree""".split()
COLOURS = "red orange yellow green blue purple pink black white gray brown cyan".split()

PROMPTS = [
    "",
    " ",
    "\t\n",
    *[f"a {name.replace('_', ' ')}" for name in OBJECTS],
    *[f"a photo of a {name.replace('_', ' ')}" for name in OBJECTS[::3]],
    *[f"an emoji of a {name.replace('_', ' ')}" for name in OBJECTS[1::5]],
    *[f"a dog on a {colour} background" for colour in COLOURS],
    "a dog and a cat",
    "a dog on the left and a cat on the right",
    "a dog above a cat",
    "a dog at the top and a cat at the bottom",
    # case and white space
    "A DOG", "A Photo Of A DoG", "aDogAndACat", "  a   dog  ", "a\tdog\nand\r\na cat", "dog", "DOG!", "a dog ",
    "a\u00a0dog", "a\u2003dog\u3000cat", "a\u0085dog", "a\u200bdog", "\ufeffa dog", "a\u2028dog",
    # digits
    "0", "7 dogs", "1234567890", "42nd street", "a 1960s car", "3.14159", "10,000 fish", "x2", "2x", "9x9=81", "½ apple",
    "٣ cats", "第5回", "Ⅻ crowns", "x² + y²", "1st 2nd 3rd",
    # punctuation and contractions
    "a dog's house", "it's", "It'S", "don't", "we're they've I'll I'd I'm", "'s", "''", "dogs' toys", "rock 'n' roll",
    "a dog, a cat; a fish: done.", "what?!", "...", "wait...what", "(a dog)", "[a] {cat}", "a-dog", "a - dog", "a_dog",
    "cat/dog", "back\\slash", "\"quoted\"", "“curly” ‘quotes’", "a—dash–dash", "#hashtag @user", "50% off", "$5 €6 £7 ¥8",
    "&amp; &lt;", "e-mail me: a.b@c.org", "https://example.org/a?b=c&d=e", "*bold* ~tilde~ ^hat^ `code`", "a|b", "<a> </a>",
    "!!!", "!?!?!?", "a!b", "don’t", "l'été", "c'est la vie", "c++ c# f#", "(:", ":-)", "¿qué?", "¡hola!", "§ 5", "©2020", "™",
    # accents, composed and not
    "café", "cafe\u0301", "naïve façade", "crème brûlée", "Ångström", "A\u030angstro\u0308m", "smörgåsbord", "Žižek", "mañana",
    "straße", "STRASSE", "GROẞ", "œuvre", "ﬁsh", "İstanbul", "ıstanbul", "Ærø", "đồng", "Łódź", "ŉ", "ǆ Ǆ ǅ", "x\u0301\u0302",
    # other scripts
    "собака", "СОБАКА И КОТ", "σκύλος", "ΣΚΥΛΟΣ", "ΟΔΟΣ ΣΑΣ", "כלב", "كلب", "कुत्ता", "สุนัข", "犬", "一只狗", "강아지", "イヌ と ネコ", "ｄｏｇ",
    "𝒹𝑜𝑔", "Ⓓⓞⓖ", "ქართული", "Հայերեն", "ไทย ไทย",
    # emoji
    "🐶", "a 🐶 and a 🐱", "👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇫🇷", "❤️", "☃", "dog🐶dog", "🍎🍌🍓", "1️⃣",
    # special tokens
    "<|endoftext|>", "<|startoftext|>", "a <|endoftext|> b", "a <|ENDOFTEXT|> b", "<|startoftext|>a dog<|endoftext|>", "<|endoftext|",
    "<|endoftext|>.", "endoftext",
    # words nobody knows, and control characters
    "qwertyuiop", "antidisestablishmentarianism", "zzzzzzzzzzzzzzzz", "xkcd", "a\x00b", "a\x07b", "\x1b[31mred", "aaaaaaaa" * 10,
    # exactly at, one below, one above both lengths; over-long
    *[" ".join(["dog"] * n) for n in (13, 14, 15, 74, 75, 76, 500)],
    "a dog and a cat on the left " * 20, "!" * 300, "🐶" * 60, "é" * 200, "antidisestablishmentarianism " * 40,
]


def trimmed_ids(tokenizer, prompt):
    """Ids without padding, but cut at the model's length with the end-of-text token kept."""
    return tokenizer(prompt, truncation=True).input_ids


def reduce_clip(folder, target):
    """Copies CLIP's tokenizer files with only the merges that some prompt could use."""
    full = CLIPTokenizer.from_pretrained(folder)
    backend = full.backend_tokenizer
    words = {
        word + "</w>"
        for prompt in PROMPTS
        for word, _ in backend.pre_tokenizer.pre_tokenize_str(backend.normalizer.normalize_str(prompt))
    }
    text = "\n".join(sorted(words))
    merges = [
        line
        for line in (folder / "merges.txt").read_text().splitlines()[1:]
        if line.strip() and line.replace(" ", "") in text
    ]
    vocab = json.loads((folder / "vocab.json").read_text())
    used = {merge.replace(" ", "") for merge in merges}
    special = {full.bos_token, full.eos_token}
    kept = {t: i for t, i in vocab.items() if t in used or t in special or len(t.removesuffix("</w>")) == 1}
    target.mkdir(parents=True, exist_ok=True)
    (target / "vocab.json").write_text(json.dumps(kept, ensure_ascii=False))
    (target / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]))
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(folder / name, target / name)
    reduced = CLIPTokenizer.from_pretrained(target)
    for prompt in PROMPTS:
        assert trimmed_ids(full, prompt) == trimmed_ids(reduced, prompt), prompt
    return full


def main():
    assert len(set(PROMPTS)) == len(PROMPTS)
    clip = reduce_clip(Path(sys.argv[1]), OUT / "clip")
    embedded = CLIPTokenizer.from_pretrained(EMBEDDED)
    cases = [
        {
            "prompt": prompt,
            "emoji": " ".join(map(str, trimmed_ids(embedded, prompt))),
            "clip": " ".join(map(str, trimmed_ids(clip, prompt))),
        }
        for prompt in PROMPTS
    ]
    golden = {"source": f"transformers {transformers.__version__} CLIPTokenizer", "cases": cases}
    (OUT / "golden.json").write_text(json.dumps(golden, ensure_ascii=False))
    print(len(PROMPTS), "prompts")


if __name__ == "__main__":
    main()
