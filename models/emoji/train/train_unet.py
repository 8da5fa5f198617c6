"""Trains the U-Net on the velocity, 10 % of the captions dropped.

The text encoder is that of train_text.py, frozen, as Stable Diffusion's is CLIP's; the slots through
which the U-Net sees what words look like come from there too, and go on learning.
"""

import torch

from captions import TOKENIZER, encode
from latents import Latents
from loop import Loop, arguments, load
from muon import muon_and_adam
from networks import TextEncoder, UNet, alphas_cumprod

DROPPED = 0.1
LOW, HIGH = 100, 860
SNR = 4.0
OBJECT = 1.0  # how much more the objects' places count than the ground's


def main():
    args = arguments(steps=20000, batch=64, rate=0.015)
    device = args.device
    unet, text = UNet(), TextEncoder(TOKENIZER.get_vocab_size())
    load(args.runs, "text", {"text": text, "slots": unet.slots})
    unet, text = unet.to(device).requires_grad_(True).train(), text.to(device)
    loop = Loop("unet", args, {"unet": unet}, muon_and_adam([unet], args.rate))
    alphas = alphas_cumprod().to(device)
    scenes = Latents(args.runs, loop.seed)
    empty = torch.tensor(encode(""))

    for _ in loop:
        z, ids, objects = scenes.batch(args.batch)
        ids = torch.where(torch.rand(args.batch, 1) < DROPPED, empty, ids).to(device)
        z = z.to(device)
        noise = torch.randn_like(z)
        # Stratified: every batch has noise of all strengths, most of it where words decide.
        u = (torch.arange(args.batch, device=device) + torch.rand(args.batch, device=device))
        u = u / args.batch
        t = torch.where(torch.rand_like(u) < 0.85, LOW + (HIGH - LOW) * u, 1000 * u).long()
        a = alphas[t][:, None, None, None]
        noisy = a.sqrt() * z + (1 - a).sqrt() * noise
        velocity = a.sqrt() * noise - (1 - a).sqrt() * z
        with torch.no_grad():
            states = text(ids)
        with args.precision():
            predicted = unet.velocity(noisy, t, states).float()
        places = 1 + OBJECT * objects.to(device)[:, None]
        error = (places * (predicted - velocity) ** 2).mean((1, 2, 3)) / places.mean()
        # As Min-SNR (Hang et al. 2023): weak noise shows how sharp the VAE is, and little else.
        weight = ((1 - alphas[t]) * (1 + SNR)).clamp(max=1)
        loss = (weight * error).mean()
        loop.optimise(loss)
        k = args.batch // 4
        loop.log(loss=loss, **{f"q{i}": error[i * k:(i + 1) * k].mean() for i in range(4)})


if __name__ == "__main__":
    main()
