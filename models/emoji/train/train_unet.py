"""Trains the U-Net: epsilon prediction, 10 % of the captions dropped.

The text encoder comes from train_text.py, which taught it what words look like, and goes on
learning, slowly; the U-Net's map from the prompt to its lowest level starts as that of the drawing.
"""

import torch

from captions import TOKENIZER, encode
from latents import Latents
from loop import Loop, arguments, load
from muon import Muon
from networks import Draw, TextEncoder, UNet

DROPPED = 0.1
LOW, HIGH = 120, 820
SNR = 2.0
OBJECT = 1.0  # how much more the objects' places count than the ground's


def alphas_cumprod():
    """Stable Diffusion's scaled-linear schedule, (1000,)."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return (1 - betas).cumprod(0).float()


def optimizers(unet, text, rate):
    """Muon for the U-Net's hidden matrices, AdamW for all else, the text encoder slower."""
    hidden = [
        p for name, p in unet.named_parameters()
        if p.ndim > 1 and not name.startswith(("input", "output")) and "position" not in name
    ]
    chosen = set(map(id, hidden))
    rest = [p for p in unet.parameters() if id(p) not in chosen]
    adam = [{"params": rest, "lr": rate / 10}, {"params": text.parameters(), "lr": rate / 60}]
    return [
        Muon([{"params": hidden, "lr": rate}], momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(adam, betas=(0.9, 0.99), weight_decay=0.01, fused=True),
    ]


def main():
    args = arguments(steps=8000, batch=64, rate=0.015)
    last, device = torch.channels_last, args.device
    unet = UNet().to(device, memory_format=last)
    text, pooled = TextEncoder(TOKENIZER.get_vocab_size()), Draw()
    load(args.runs, "text", {"text": text, "pooled": pooled})
    unet.seed.load_state_dict(pooled.seed.state_dict())
    text = text.to(device).requires_grad_(True).train()
    loop = Loop("unet", args, {"unet": unet, "text": text}, optimizers(unet, text, args.rate))
    alphas = alphas_cumprod().to(device)
    scenes = Latents(args.runs, args.seed + loop.step)
    loop.path.with_suffix(".scale").write_text(str(scenes.scale))
    empty = torch.tensor(encode(""))

    for _ in loop:
        z, ids, objects = scenes.batch(args.batch)
        ids = torch.where(torch.rand(args.batch, 1) < DROPPED, empty, ids).to(device)
        z = z.to(device, memory_format=last)
        noise = torch.randn_like(z)
        # Stratified: every batch has noise of all strengths, most of it where words decide.
        u = (torch.arange(args.batch, device=device) + torch.rand(args.batch, device=device))
        u = u / args.batch
        t = torch.where(torch.rand_like(u) < 0.8, LOW + (HIGH - LOW) * u, 1000 * u).long()
        a = alphas[t][:, None, None, None]
        noisy = (a.sqrt() * z + (1 - a).sqrt() * noise).contiguous(memory_format=last)
        with args.precision():
            predicted = unet(noisy, t, text(ids)).float()
        places = 1 + OBJECT * objects.to(device)[:, None]
        error = (places * (predicted - noise) ** 2).mean((1, 2, 3)) / places.mean()
        # Min-SNR (Hang et al. 2023): weak noise shows how sharp the VAE is, and little else.
        weight = ((1 - alphas[t]) / alphas[t] * SNR).clamp(max=1)
        loss = (weight * error).mean()
        loop.optimise(loss)
        k = args.batch // 4
        loop.log(loss=loss, **{f"q{i}": error[i * k:(i + 1) * k].mean() for i in range(4)})


if __name__ == "__main__":
    main()
