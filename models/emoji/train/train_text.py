"""Teaches the text encoder what words look like: from its states the emoji can be drawn.

Stable Diffusion's text encoder has seen four hundred million pictures before the U-Net meets it.
This one starts from the emoji themselves: Slots finds the objects of a caption in its states, in the
order in which they are named, and Draw draws each upright, 32 x 32, colours times alpha and alpha;
a slot without an object stays empty.
"""

import torch
import torch.nn.functional as F

from captions import TOKENIZER, encode
from loop import Loop, arguments
from muon import muon_and_adam
from networks import SLOTS, Draw, Slots, TextEncoder


def main():
    args = arguments(steps=2500, batch=64, rate=0.01)
    device = args.device
    text = TextEncoder(TOKENIZER.get_vocab_size()).to(device)
    slots, draw = Slots().to(device), Draw().to(device)
    modules = {"text": text, "slots": slots, "draw": draw}
    loop = Loop("text", args, modules, muon_and_adam(modules.values(), args.rate), decay=0.995)
    emoji = F.avg_pool2d(loop.scenes.atlas[0], 2).to(device)
    for _ in loop:
        layouts = [loop.scenes.layout() for _ in range(args.batch)]
        ids = torch.tensor([encode(caption) for _, caption, *_ in layouts], device=device)
        wanted = torch.zeros(args.batch, SLOTS, *emoji.shape[1:], device=device)
        for row, (items, *_) in enumerate(layouts):
            for slot, (index, *_) in enumerate(items):
                wanted[row, slot] = emoji[index]
        with args.precision():
            drawn = draw(slots(text(ids)).flatten(0, 1)).float()
        error = (drawn - wanted.flatten(0, 1)).pow(2).mean((1, 2, 3)).unflatten(0, (-1, SLOTS))
        named = wanted.flatten(2).amax(2) > 0
        loop.optimise(error.mean())
        loop.log(named=error[named].mean(), empty=error[~named].mean())


if __name__ == "__main__":
    main()
