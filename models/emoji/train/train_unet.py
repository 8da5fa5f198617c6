"""Trains the U-Net: epsilon prediction, 10 % of the captions dropped.

The text encoder is CLIP's, as Stable Diffusion's is, and goes on learning, slowly. The features at
the U-Net's bottom are also drawn to what CLIP's image encoder sees in the clean picture (REPA, Yu et
al. 2024), which says early what the words look like.
"""

import torch
import torch.nn.functional as F
from torch import nn

from captions import TOKENIZER, encode
from loop import Loop, arguments, load
from networks import ClipImage, ClipText, UNet, VaeEncoder
from train_clip import normalise

DROPPED = 0.1
LOW, HIGH = 120, 820
SNR = 2.0
SEEN = 0.3  # weight of the agreement with CLIP


def alphas_cumprod():
    """Stable Diffusion's scaled-linear schedule, (1000,)."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return (1 - betas).cumprod(0).float()


def main():
    args = arguments(steps=40000, batch=32, rate=1.5e-3)
    last, device = torch.channels_last, args.device
    vae = VaeEncoder()
    load(args.runs, "vae", {"encoder": vae})
    vae = vae.to(device, memory_format=last)
    unet = UNet().to(device, memory_format=last)
    clip = ClipText(TOKENIZER.get_vocab_size())
    eye = ClipImage()
    load(args.runs, "clip", {"text": clip, "image": eye})
    eye = eye.to(device, memory_format=last)
    head = nn.Sequential(nn.Conv2d(256, 256, 1), nn.SiLU(), nn.Conv2d(256, 256, 1)).to(device)
    text = clip.encoder.to(device).requires_grad_(True).train()
    groups = [
        {"params": [*unet.parameters(), *head.parameters()], "lr": args.rate},
        {"params": text.parameters(), "lr": args.rate / 5},
    ]
    optimizers = [torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.01, fused=True)]
    loop = Loop("unet", args, {"unet": unet, "text": text, "head": head}, optimizers, decay=0.9995)
    alphas = alphas_cumprod().to(device)

    def latents(images):
        with torch.no_grad(), torch.autocast(device, torch.bfloat16):
            mean, logvar = vae(images.to(device, memory_format=last)).float().chunk(2, 1)
        return mean + (0.5 * logvar).exp() * torch.randn_like(mean)

    state = loop.path.with_suffix(".scale.pt")
    if state.exists():
        scale = torch.load(state)
    else:
        scale = 1 / latents(loop.scenes.batch(256).images).std().item()
        torch.save(scale, state)

    for _ in loop:
        batch = loop.scenes.batch(args.batch)
        ids = torch.tensor([
            encode("" if loop.scenes.rng.random() < DROPPED else c) for c in batch.captions
        ], device=device)
        z = latents(batch.images) * scale
        noise = torch.randn_like(z)
        # Stratified: every batch has noise of all strengths, most of it where words decide.
        u = (torch.arange(args.batch, device=device) + torch.rand(args.batch, device=device))
        u = u / args.batch
        t = torch.where(torch.rand_like(u) < 0.8, LOW + (HIGH - LOW) * u, 1000 * u).long()
        a = alphas[t][:, None, None, None]
        noisy = (a.sqrt() * z + (1 - a).sqrt() * noise).contiguous(memory_format=last)
        with torch.autocast(device, torch.bfloat16):
            predicted, inner = unet(noisy, t, text(ids), inner=True)
            inner = head(inner).float()
            with torch.no_grad():
                clean = normalise(batch.images).to(device, memory_format=last)
                seen = eye.features(clean).float()
        predicted = predicted.float()
        error = ((predicted - noise) ** 2).mean((1, 2, 3))
        # Min-SNR (Hang et al. 2023): weak noise shows how sharp the VAE is, and little else.
        weight = ((1 - alphas[t]) / alphas[t] * SNR).clamp(max=1)
        loss = (weight * error).mean()
        agreement = F.cosine_similarity(inner, seen, dim=1).mean()
        loop.optimise(loss - SEEN * agreement)
        k = args.batch // 4
        loop.log(loss=loss, agreement=agreement, **{f"q{i}": error[i * k:(i + 1) * k].mean() for i in range(4)})


if __name__ == "__main__":
    main()
