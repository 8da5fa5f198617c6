"""Writes scenes as the U-Net sees them, latents and tokens, for train_unet.py to read many times.

A scene costs a fifth of the step it is used in, and noise, timestep and the VAE's own noise make it
another one each time.
"""

import os
from pathlib import Path

import torch
import torch.nn.functional as F

from captions import encode
from loop import arguments, load
from networks import VaeEncoder
from scenes import Scenes

SHARD = 2048
COLOURS = {"coloured": 3, "recoloured": 0.8}  # seven looks of a word are to be learnt, not one
VEILED = 0.5  # share of the scenes whose captions name everything; of the others, all are
PARTLY = 0.4  # share of the scenes of several objects whose captions name one of them only


def folder(runs) -> Path:
    return Path(runs) / "latents"


class Latents:
    """Batches from every shard that is there, also those still to come."""

    def __init__(self, runs, seed: int):
        self.folder, self.shards, self.read = folder(runs), [], set()
        self.generator = torch.Generator().manual_seed(seed)
        self.grow()
        assert self.shards, f"Expected shards in {self.folder}, found none; run latents.py first"
        # 1 / standard deviation, over the first shard for good: it belongs to the trained model.
        path = Path(runs) / "unet.scale"
        if not path.exists():
            path.write_text(str(1 / self.shards[0]["mean"].float().std().item()))
        self.scale = float(path.read_text())

    def grow(self):
        for path in sorted(self.folder.glob("*.pt")):
            if path not in self.read:
                self.read.add(path)
                self.shards.append(torch.load(path))

    def batch(self, n: int):
        """Scaled latents (n, 4, 16, 16), token ids (n, TOKENS), share of object (n, 16, 16)."""
        if torch.rand((), generator=self.generator) < 0.01:
            self.grow()
        which = torch.randint(len(self.shards) * SHARD, (n,), generator=self.generator).tolist()
        pick = lambda key: torch.stack([self.shards[i // SHARD][key][i % SHARD] for i in which])
        mean, std = pick("mean").float(), pick("std").float()
        z = mean + std * torch.randn(mean.shape, generator=self.generator)
        return z * self.scale, pick("ids").long(), pick("object").float()


def veil(images, objects, named):
    """Scenes through a veil of one colour, thicker here than there: what masks show on their way.

    Captions name what stands out, here as in the world: the thicker the veil on what would be named,
    and the thinner that on the ground, the more often a picture has no caption. So a prompt speaks
    for its object being seen, not for its being somewhere behind a veil.

    objects, named: (B, 1, 64, 64), where objects are, and where those are that a caption would name.
    Returns pictures (B, 3, 64, 64) and how often each keeps its caption (B,).
    """
    chance = lambda: torch.rand(len(images), 1, 1, 1)
    others = objects & ~named
    veiled = (chance() < VEILED) | others.any((2, 3), keepdim=True)
    near = torch.where(veiled, 0.1 + 0.9 * chance(), 1)
    kind = chance()
    far = torch.where(kind < 0.75, near * torch.where(kind < 0.4, 1, chance()), chance())
    far = torch.where(veiled, far, 1)
    other = near * chance()
    clear = torch.where(named, near, torch.where(others, other, far))
    # Masks are seldom as sharp as the objects.
    soft = F.avg_pool2d(clear, 7, 1, 3, count_include_pad=False)
    clear = torch.where(chance() < 0.5, clear, soft)
    colour = 2 * torch.rand(len(images), 3, 1, 1) - 1
    kept = near**1.5 * torch.where(far > near, 0.3, 1)
    return clear * images + (1 - clear) * colour, kept.flatten()


def main():
    args = arguments(steps=64, batch=128, rate=0)
    vae = VaeEncoder()
    load(args.runs, "vae", {"encoder": vae})
    vae = vae.to(args.device, memory_format=torch.channels_last)
    folder(args.runs).mkdir(parents=True, exist_ok=True)
    for number in range(args.steps):
        path = folder(args.runs) / f"{args.seed + number:05}.pt"
        if path.exists():
            continue
        torch.manual_seed(args.seed + number)
        scenes, parts = Scenes(args.glyphs, 10**6 + args.seed + number, **COLOURS), []
        for _ in range(SHARD // args.batch):
            batch = scenes.batch(args.batch, partly=PARTLY)
            # The ground plane's inverse depth ends at 0.3, objects begin at 0.35.
            objects = batch.depth[:, None] > 0.32
            images, kept = veil(batch.images, objects, batch.named[:, None])
            images = images.to(args.device, memory_format=torch.channels_last)
            captions = [c if k else "" for c, k in zip(batch.captions, torch.rand(len(kept)) < kept)]
            with torch.no_grad(), args.precision():
                mean, logvar = vae(images).float().cpu().chunk(2, 1)
            parts.append({
                "mean": mean.half(),
                "std": (0.5 * logvar).exp().half(),
                "ids": torch.tensor([encode(c) for c in captions], dtype=torch.int16),
                "object": F.avg_pool2d(objects[:, 0].float(), 4).half(),
            })
        new = path.with_suffix(".new")
        torch.save({key: torch.cat([p[key] for p in parts]) for key in parts[0]}, new)
        os.replace(new, path)
        print(f"{path.name} written", flush=True)


if __name__ == "__main__":
    main()
