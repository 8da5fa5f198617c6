"""Teaches the text encoder what words look like: each noun's state draws its emoji.

Stable Diffusion's text encoder has seen four hundred million pictures before the U-Net meets it.
This one starts from the emoji themselves: from the state at the last token of each object's phrase,
and from the state at the last token of all, which has read the whole prompt, a small network draws
the object (the first one, for the latter) upright, 32 x 32, colours times alpha and alpha.
"""

import torch
import torch.nn.functional as F

from captions import TOKENIZER, encode
from loop import Loop, arguments
from networks import Draw, TextEncoder


def last_token(caption: str, phrase: str) -> int:
    """The place of the last token of a phrase in its caption."""
    return len(TOKENIZER.encode(caption[:caption.index(phrase) + len(phrase)]).ids) - 2


def main():
    args = arguments(steps=3000, batch=48, rate=2e-3)
    device = args.device
    text = TextEncoder(TOKENIZER.get_vocab_size()).to(device)
    nouns, pooled = Draw().to(device), Draw().to(device)
    modules = {"text": text, "nouns": nouns, "pooled": pooled}
    parameters = [p for m in modules.values() for p in m.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=args.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    loop = Loop("text", args, modules, [optimizer], decay=0.998)
    emoji = F.avg_pool2d(loop.scenes.atlas[0], 2).to(device)
    for _ in loop:
        layouts = [loop.scenes.layout() for _ in range(args.batch)]
        ids = torch.tensor([encode(caption) for _, caption, *_ in layouts], device=device)
        rows, places, drawn = [], [], []
        for row, (items, caption, objects, *_) in enumerate(layouts):
            for (index, *_), (phrase, _) in zip(items, objects):
                rows.append(row)
                places.append(last_token(caption, phrase))
                drawn.append(index)
        with args.precision():
            states = text(ids)
            of_nouns = nouns(states[rows, places]).float()
            of_all = pooled(states[:, -1]).float()
        first = [items[0][0] for items, *_ in layouts]
        noun, whole = F.mse_loss(of_nouns, emoji[drawn]), F.mse_loss(of_all, emoji[first])
        loop.optimise(noun + whole)
        loop.log(noun=noun, whole=whole)


if __name__ == "__main__":
    main()
