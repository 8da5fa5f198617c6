"""Trains CLIP's miniature: image and text encoder, symmetric contrastive loss within a batch."""

import functools

import torch
import torch.nn.functional as F
from torch import nn

from captions import TOKENIZER, encode
from loop import Loop, arguments, load
from muon import muon_and_adam
from networks import ClipImage, ClipText
from scenes import VALIDATION_SEED, Scenes, standardise

# OpenAI's CLIP: colours in 0..1 less the mean, divided by the standard deviation.
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711])


normalise = functools.partial(standardise, mean=MEAN, std=STD)


def top1(image: ClipImage, text: ClipText, scenes, count=600) -> float:
    """The share of single-object scenes whose word, among all words, is named."""
    names = scenes.names
    ids = torch.tensor([encode(scenes.words[n]["phrase"]) for n in names])
    right = 0
    with torch.no_grad():
        t = F.normalize(text(ids), dim=-1)
        for _ in range(count // 100):
            batch = scenes.batch(100, counts=(1, 0, 0))
            i = F.normalize(image(normalise(batch.images)), dim=-1)
            best = (i @ t.T).argmax(1).tolist()
            right += sum(names[b] == w[0] for b, w in zip(best, batch.words))
    return right / count


class Logit(nn.Module):
    """CLIP's logit scale, as a logarithm."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(2.66))


def main():
    args = arguments(steps=800, batch=128, rate=0.015)
    last, device = torch.channels_last, args.device
    image = ClipImage().to(device, memory_format=last)
    text = ClipText(TOKENIZER.get_vocab_size()).to(device)
    logit = Logit().to(device)
    modules = {"image": image, "text": text, "logit": logit}
    load(args.runs, "text", {"text": text.encoder})
    text.requires_grad_(True)
    optimizers = [
        *muon_and_adam([image], args.rate, weight_decay=0.03),
        torch.optim.AdamW([*text.parameters(), *logit.parameters()], lr=args.rate / 15, betas=(0.9, 0.98)),
    ]
    loop = Loop("clip", args, modules, optimizers, decay=0.99, warmup=50)
    for step in loop:
        batch = loop.scenes.batch(args.batch, counts=(0.75, 0.2, 0.05))
        ids = torch.tensor([encode(c) for c in batch.captions], device=device)
        pixels = normalise(batch.images).to(device, memory_format=last)
        with args.precision():
            i, t = image(pixels).float(), text(ids).float()
        scores = F.normalize(i, dim=-1) @ F.normalize(t, dim=-1).T * logit.scale.exp().clamp(max=100)
        # A caption that stands twice in the batch is no negative of itself.
        same = (ids[:, None] == ids[None]).all(-1) & ~torch.eye(len(ids), dtype=bool, device=device)
        scores = scores.masked_fill(same, -1e4)
        target = torch.arange(len(ids), device=device)
        loss = (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2
        loop.optimise(loss)
        right = (scores.argmax(1) == target).float().mean()
        loop.log(loss=loss, right=right)
    load(args.runs, "clip", modules)
    validation = Scenes(args.glyphs, VALIDATION_SEED)
    print(f"top-1 among all words: {top1(image.cpu(), text.cpu(), validation):.3f}")


if __name__ == "__main__":
    main()
