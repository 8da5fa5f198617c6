"""Measures the trained networks: sample sheet, CLIP's verdict on it, CLIP's top-1, depth."""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import train_clip
import train_depth
from captions import TOKENIZER, encode
from loop import load
from networks import *
from scenes import VALIDATION_SEED, Scenes

parser = argparse.ArgumentParser()
parser.add_argument("what", nargs="+", choices=["vae", "sheet", "words", "clip", "depth"])
parser.add_argument("--glyphs", required=True)
parser.add_argument("--runs", default="runs")
parser.add_argument("--out", default="runs")
parser.add_argument("--guidance", type=float, default=4)
parser.add_argument("--steps", type=int, default=25)
args = parser.parse_args()
scenes = Scenes(args.glyphs, VALIDATION_SEED)
vocabulary = TOKENIZER.get_vocab_size()


def sheet(images, columns):
    """(N, 3, 64, 64) in -1..1 -> one picture of rows of `columns`."""
    pixels = ((images + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    rows = len(pixels) // columns
    grid = pixels.reshape(rows, columns, 64, 64, 3).transpose(0, 2, 1, 3, 4)
    return Image.fromarray(grid.reshape(rows * 64, columns * 64, 3))


@torch.no_grad()
def sample(prompts, seed=0):
    """DDIM (Song et al. 2021, eq. 12, eta 0) with classifier-free guidance -> (N, 3, 64, 64)."""
    unet, text, decoder = UNet(), TextEncoder(vocabulary), VaeDecoder()
    load(args.runs, "unet", {"unet": unet})
    load(args.runs, "text", {"text": text})
    load(args.runs, "vae", {"decoder": decoder})
    scale = float((Path(args.runs) / "unet.scale").read_text())
    alphas = alphas_cumprod()
    c = text(torch.tensor([encode(p) for p in prompts]))
    u = text(torch.tensor([encode("")])).expand_as(c)
    z = torch.randn(len(prompts), 4, 16, 16, generator=torch.Generator().manual_seed(seed))
    times = torch.linspace(999, 0, args.steps + 1).long()
    for t, after in zip(times[:-1], times[1:]):
        both = unet(torch.cat([z, z]), t.repeat(2 * len(z)), torch.cat([u, c]))
        eu, ec = both.chunk(2)
        e = eu + args.guidance * (ec - eu)
        a, b = alphas[t], alphas[after]
        x0 = (z - (1 - a).sqrt() * e) / a.sqrt()
        z = b.sqrt() * x0 + (1 - b).sqrt() * e
    return decoder(z / scale).clamp(-1, 1)


def clip():
    image, text = ClipImage(), ClipText(vocabulary)
    load(args.runs, "clip", {"image": image, "text": text})
    return image, text


def verdict(images):
    """The word, of all, that CLIP names for each picture."""
    image, text = clip()
    ids = torch.tensor([encode(scenes.words[n]["phrase"]) for n in scenes.names])
    t = F.normalize(text(ids), dim=-1)
    i = F.normalize(image(train_clip.normalise(images)), dim=-1)
    return [scenes.names[k] for k in (i @ t.T).argmax(1).tolist()]


def ranks(x):
    """Ranks with ties at their mean, as Spearman wants them."""
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[inverse.reshape(-1)]


if "vae" in args.what:
    encoder, decoder = VaeEncoder(), VaeDecoder()
    load(args.runs, "vae", {"encoder": encoder, "decoder": decoder})
    x = scenes.batch(48).images
    y = decoder(encoder(x)[:, :4])
    print(f"VAE: mean absolute error {(x - y).abs().mean() / 2:.4f} of 1, "
          f"PSNR {10 * torch.log10(4 / ((x - y) ** 2).mean()):.1f} dB")
    sheet(torch.cat([x[:24], y[:24]]), 12).save(Path(args.out) / "vae.png")
if "sheet" in args.what:
    prompts = []
    while len(prompts) < 64:
        _, caption, _, _, _ = scenes.layout()
        prompts.append(caption)
    sheet(sample(prompts), 8).save(Path(args.out) / "sheet.png")
    (Path(args.out) / "sheet.txt").write_text("\n".join(prompts) + "\n")
if "words" in args.what:
    names = scenes.names
    images = torch.cat([sample([scenes.words[n]["phrase"] for n in names[k:k + 100]], k)
                        for k in range(0, len(names), 100)])
    named = verdict(images)
    right = [n for n, v in zip(names, named) if n == v]
    print(f"CLIP names the right word for {len(right)} of {len(names)} generated pictures "
          f"({len(right) / len(names):.3f})")
    print("wrong:", ", ".join(f"{n} ({v})" for n, v in zip(names, named) if n != v))
    sheet(images, 20).save(Path(args.out) / "words.png")
if "clip" in args.what:
    print(f"CLIP: top-1 among {len(scenes.names)} words {train_clip.top1(*clip(), scenes, 1000):.3f}")
if "depth" in args.what:
    net = Depth()
    load(args.runs, "depth", {"depth": net})
    batch = scenes.batch(200, counts=(0.34, 0.33, 0.33))
    found = net(train_depth.normalise(batch.images)).numpy()
    rho = [np.corrcoef(ranks(a.reshape(-1)), ranks(b.reshape(-1)))[0, 1]
           for a, b in zip(found, batch.depth.numpy())]
    print(f"Depth: Spearman {np.mean(rho):.3f} (worst {min(rho):.3f}) over {len(rho)} scenes")
