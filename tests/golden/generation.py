"""Writes the first iterations of RGBA generation on the embedded model, in float64.

    python tests/golden/generation.py [fourier] [raster]

The paper's Algorithm 2: there is no picture; its colours F (3, A, A) and its mask α (A, A) are both
optimised, so that αF + (1−α)b over one random colour b an iteration looks like the prompt. Written from
the equations, with autograd for every adjoint, of the parts of trajectory.py; of Peekaboo it knows only
how random numbers are made. Files hold `embeddings` (2, T, D: empty prompt, prompt), and for each of K
iterations `timestep` (K), `background` (K, 3), `noise` (K, ...latent), `z` (the scaled posterior mean),
`z_bar`, and `alpha` (K + 1, A, A) and `picture` (K + 1, 3, A, A), before each step and after the last;
and `alpha_bar_norm` and `picture_bar_norm` (K, tensors of φ, or 1), the lengths of their parameters'
gradients.
"""

import json
import sys

import torch
import torch.nn.functional as F
from onnx_graph import OnnxGraph
from safetensors.torch import save_file
from trajectory import FOURIER, MODEL, OUT, PROMPT, RASTER, SETTINGS
from trajectory import Fourier, Raster, alphas_cumprod, embed, read

# Adam takes a whole step however small a gradient is, also where it is nothing but rounding: half of
# the step keeps single precision within reach.
SLOW_FOURIER = {**FOURIER, "learningRate": FOURIER["learningRate"] / 2}
PARAMS = {"fourier": (Fourier, SLOW_FOURIER), "raster": (Raster, RASTER)}


def generation(image_param: str):
    kind, chosen = PARAMS[image_param]
    settings = {**SETTINGS, **chosen}
    size, iterations = settings.pop("alphaSize"), settings["iterations"]
    vae, config = read("vae_encoder/config.json"), read("unet/config.json")
    model_size, scaling = vae["sample_size"], vae["scaling_factor"]
    latents = (config["in_channels"], config["sample_size"], config["sample_size"])
    encoder = OnnxGraph(MODEL / "vae_encoder/model.onnx")
    unet = OnnxGraph(MODEL / "unet/model.onnx")
    alphas_bar = alphas_cumprod()

    # Everything random is stored in 32 bits, so it is used in 32 bits.
    draws = torch.Generator().manual_seed(settings["seed"])
    t_range = (settings["tMin"], settings["tMax"] + 1)
    out = {
        "embeddings": embed(["", PROMPT]),
        "timestep": torch.randint(*t_range, (iterations,), generator=draws).int(),
        "background": torch.rand(iterations, 3, generator=draws),
        "noise": torch.randn(iterations, *latents, generator=draws),
    }
    seed_and_scale = (settings["seed"], settings["frequencyScale"])
    mask = kind(size, *seed_and_scale)
    colours = kind(size, *seed_and_scale, channels=3, number=1)
    optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[settings["optimizer"]](
        [*mask.parameters, *colours.parameters], lr=settings["learningRate"]
    )
    rows = {}

    def record(**row):
        for name, value in row.items():
            rows.setdefault(name, []).append(value.detach().clone())

    for i in range(iterations):
        alpha, picture = torch.sigmoid(mask.field()), torch.sigmoid(colours.field())
        background = out["background"][i].double()[:, None, None]
        blended = alpha * picture + (1 - alpha) * background
        blended = F.interpolate(
            blended[None], (model_size, model_size), mode="bilinear", align_corners=False
        )
        z = scaling * encoder(2 * blended - 1)[:, : latents[0]]
        with torch.no_grad():
            t, noise = int(out["timestep"][i]), out["noise"][i].double()
            noisy = alphas_bar[t].sqrt() * z + (1 - alphas_bar[t]).sqrt() * noise
            both = unet(noisy.repeat(2, 1, 1, 1), torch.tensor([t, t]), out["embeddings"])
            guided = both[0] + settings["guidanceScale"] * (both[1] - both[0])
            z_bar = (1 - alphas_bar[t]) * (guided - noise)
        optimizer.zero_grad()
        ((z * z_bar).sum() + settings["lambda"] * alpha.sum()).backward()
        norms = [torch.stack([p.grad.norm() for p in x.parameters]) for x in (mask, colours)]
        record(z=z[0], z_bar=z_bar, alpha=alpha[0], picture=picture)
        record(alpha_bar_norm=norms[0], picture_bar_norm=norms[1])
        optimizer.step()
    record(alpha=torch.sigmoid(mask.field())[0], picture=torch.sigmoid(colours.field()))

    tensors = {**out, **{name: torch.stack(values) for name, values in rows.items()}}
    contiguous = {
        name: (value.float() if value.is_floating_point() else value).contiguous()
        for name, value in tensors.items()
    }
    settings = {**settings, "size": size, "imageParam": image_param}
    metadata = {"prompt": PROMPT, "settings": json.dumps(settings)}
    save_file(contiguous, OUT / f"generate-{image_param}.safetensors", metadata)


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for image_param in sys.argv[1:] or PARAMS:
        generation(image_param)
        print(image_param)
