"""Trains the VAE: L1 on pixels and on their differences, and a small pull to the unit normal."""

import torch

from loop import Loop, arguments
from muon import muon_and_adam
from networks import VaeDecoder, VaeEncoder

KL = 1e-5


def differences(x):
    return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]


args = arguments(steps=1000, batch=24, rate=0.02)
last = torch.channels_last
encoder, decoder = (m().to(args.device, memory_format=last) for m in (VaeEncoder, VaeDecoder))
optimizers = muon_and_adam([encoder, decoder], args.rate)
loop = Loop("vae", args, {"encoder": encoder, "decoder": decoder}, optimizers, decay=0.995, warmup=50)
for _ in loop:
    image = loop.scenes.batch(args.batch).images.to(args.device, memory_format=last)
    with args.precision():
        mean, logvar = encoder(image).float().chunk(2, 1)
        latent = mean + (0.5 * logvar).exp() * torch.randn_like(mean)
        out = decoder(latent.contiguous(memory_format=last)).float()
    pixel = (out - image).abs().mean()
    edge = sum((a - b).abs().mean() for a, b in zip(differences(out), differences(image)))
    kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).sum((1, 2, 3)).mean()
    loop.optimise(pixel + 0.5 * edge + KL * kl)
    loop.log(pixel=pixel, edge=edge, kl=kl, spread=mean.std())
