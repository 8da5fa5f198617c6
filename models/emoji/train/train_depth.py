"""Trains the depth network: inverse depth of the scenes' layers, L1 on values and differences."""

import functools

import torch

from loop import Loop, arguments
from muon import muon_and_adam
from networks import Depth
from scenes import standardise

# MiDaS: colours in 0..1 less ImageNet's mean, divided by its standard deviation.
MEAN = torch.tensor([0.485, 0.456, 0.406])
STD = torch.tensor([0.229, 0.224, 0.225])


normalise = functools.partial(standardise, mean=MEAN, std=STD)


def main():
    args = arguments(steps=600, batch=32, rate=0.015)
    last, device = torch.channels_last, args.device
    net = Depth().to(device, memory_format=last)
    optimizers = muon_and_adam([net], args.rate)
    loop = Loop("depth", args, {"depth": net}, optimizers, decay=0.99, warmup=50)
    for _ in loop:
        batch = loop.scenes.batch(args.batch, counts=(0.35, 0.4, 0.25))
        target = batch.depth.to(device)
        with args.precision():
            out = net(normalise(batch.images).to(device, memory_format=last)).float()
        error = out - target
        edges = error.diff(dim=1).abs().mean() + error.diff(dim=2).abs().mean()
        loop.optimise(error.abs().mean() + 0.5 * edges)
        loop.log(error=error.abs().mean(), edges=edges)


if __name__ == "__main__":
    main()
