"""Writes the first iterations of Peekaboo on the embedded model, in float64, a file a case.

    python tests/golden/trajectory.py [raster] [rgb-bilateral] [depth-bilateral] [fourier] ...

A case is a variant, or the CLIP loss on one of them: `clip`, `clip-fourier`. Written from the equations
of the paper (and of Poole et al. 2022 for score distillation, Tancik et al. 2020 for Fourier features,
Radford et al. 2021 for CLIP's logit), with autograd for every adjoint; of Peekaboo it knows only how
random numbers are made. Files hold `image` (3, A, A; 0..1) and for each of K iterations `background`
(K, 3) and `alpha` (K + 1, A, A), before each step and after the last. Of raster variants also `theta0`
(A, A) and `theta_bar` (K, A, A); of Fourier variants `phi_bar_norm` (K, tensors of phi), the lengths of
its gradients; of bilateral variants `blur_weights` (9, A, A); of depth bilateral `depth` (A, A), the
tiny network's inverse depth scaled to 0..1. Of score distillation `embeddings` (2, T, D: empty prompt,
prompt), `timestep` (K), `noise` (K, ...latent), `z` (the scaled posterior mean) and `z_bar`; of CLIP
`embeddings` (1, D), of length 1, and `logit` (K). The tiny networks are those of companions.py.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import companions
from onnx_graph import OnnxGraph
from philox import normal, uniform
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPTokenizer

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MODEL = ROOT / "models/emoji"
OUT = HERE / "trajectory"

PROMPT = "a strawberry"
PICTURE = ROOT / "examples/strawberry-on-stripes.png"
SETTINGS = {
    "seed": 7, "iterations": 5, "alphaSize": 32, "guidanceScale": 20, "lambda": 0.05,
    "tMin": 20, "tMax": 980, "momentum": 0, "posterior": "mean",
}
RASTER = {"optimizer": "sgd", "learningRate": 1, "frequencyScale": 4}
# Adam's first steps have a gradient's sign, which 32 bits get wrong where it is nearly 0: after five
# steps of 1e-3, PyTorch in float32 is 2e-3 from its own float64. So steps are of the paper's size.
FOURIER = {"optimizer": "adam", "learningRate": 2e-4, "frequencyScale": 4}
# An untrained CLIP's gradients are small, and so must be what they are weighed against.
CLIP = {"loss": "clip", "lambda": 1e-4}
CASES = {
    **{name: {"variant": name, **RASTER} for name in ("raster", "rgb-bilateral", "depth-bilateral")},
    **{name: {"variant": name, **FOURIER} for name in ("fourier", "fourier-bilateral")},
    "clip": {"variant": "raster", **RASTER, **CLIP, "learningRate": 300},
    # Smaller steps: more of phi's gradient is nearly 0.
    "clip-fourier": {"variant": "fourier", **FOURIER, **CLIP, "learningRate": 1e-4},
}


def bilateral_weights(guide: torch.Tensor, sigma=5.0, tau=0.08) -> torch.Tensor:
    """w (9, H, W) ∝ exp(−|i−j|²/2σ²)·exp(−½(‖g_i − g_j‖/τ)²) over a pixel's in-image neighbours j."""
    _, height, width = guide.shape
    inside = neighbours(torch.ones(1, height, width))
    distance = torch.tensor([[y * y + x * x] for y in (-1, 0, 1) for x in (-1, 0, 1)])[..., None]
    difference = torch.stack([neighbours(channel[None]) - channel for channel in guide])
    colour = (difference / tau).square().sum(0)
    weights = inside * torch.exp(-distance / (2 * sigma**2)) * torch.exp(-colour / 2)
    return weights / weights.sum(0)


def neighbours(x: torch.Tensor) -> torch.Tensor:
    """(9, H, W): the values of each pixel's 3×3 neighbours, 0 outside."""
    _, height, width = x.shape
    return F.unfold(x[None], 3, padding=1).reshape(9, height, width)


class Raster:
    """θ ~ N(0, 1) is optimised itself."""

    def __init__(self, size, seed, _, channels=1, number=0):
        theta0 = normal(channels * size * size, seed, "init", number).float()
        self.theta0 = theta0.reshape(channels, size, size).squeeze(0)
        self.parameters = [theta0.double().reshape(channels, size, size).requires_grad_()]

    def initial(self):
        return {"theta0": self.theta0}

    def field(self):
        return self.parameters[0]

    def gradients(self):
        return {"theta_bar": self.parameters[0].grad[0]}


class Fourier:
    """θ = f_φ(uv): sin and cos of 128 random frequencies, 1×1 convolutions 256→256→256→256→C."""

    def __init__(self, size, seed, scale, channels=1, number=0):
        frequencies = (scale * normal(256, seed, "frequencies", number)).reshape(128, 2)
        centres = (torch.arange(size, dtype=torch.float64) + 0.5) / size
        v, u = torch.meshgrid(centres, centres, indexing="ij")
        phase = 2 * torch.pi * (frequencies @ torch.stack([u, v]).reshape(2, -1))
        self.features = torch.cat([phase.sin(), phase.cos()]).reshape(1, 256, size, size)
        layers = []
        for hidden in (256, 256, 256):
            layers += [torch.nn.Conv2d(256, hidden, 1), torch.nn.ReLU()]
            layers += [torch.nn.BatchNorm2d(hidden, track_running_stats=False)]
        self.network = torch.nn.Sequential(*layers, torch.nn.Conv2d(256, channels, 1)).double()
        convolutions = [layer for layer in self.network if isinstance(layer, torch.nn.Conv2d)]
        sizes = [p.numel() for layer in convolutions for p in (layer.weight, layer.bias)]
        values = iter((2 * uniform(sum(sizes), seed, "weights", number) - 1).split(sizes))
        for layer in convolutions:
            for parameter in (layer.weight, layer.bias):
                # PyTorch's own initial bounds, ±1/√(inputs).
                parameter.data = next(values).reshape(parameter.shape) / layer.in_channels**0.5
        self.parameters = list(self.network.parameters())

    def initial(self):
        return {}

    def field(self):
        return self.network(self.features)[0]

    def gradients(self):
        return {"phi_bar_norm": torch.stack([p.grad.norm() for p in self.parameters])}


def read(path):
    return json.loads((MODEL / path).read_text())


def embed(prompts):
    encoder = OnnxGraph(MODEL / "text_encoder/model.onnx")
    tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
    ids = tokenizer(prompts, padding="max_length", return_tensors="pt")["input_ids"]
    return torch.cat([encoder(row[None]) for row in ids])


def alphas_cumprod():
    config = read("scheduler/scheduler_config.json")
    assert config["beta_schedule"] == "scaled_linear"
    betas = torch.linspace(
        config["beta_start"] ** 0.5, config["beta_end"] ** 0.5, config["num_train_timesteps"],
        dtype=torch.float64,
    ) ** 2
    return torch.cumprod(1 - betas, 0)


class ScoreDistillation:
    """The gradient of z·z̄ is that of score distillation, where z̄ = w(t)(ε̂ − ε) is a constant."""

    def __init__(self, settings, draws):
        vae, config = read("vae_encoder/config.json"), read("unet/config.json")
        self.size, self.scaling = vae["sample_size"], vae["scaling_factor"]
        latents = (config["in_channels"], config["sample_size"], config["sample_size"])
        self.guidance = settings["guidanceScale"]
        self.encoder = OnnxGraph(MODEL / "vae_encoder/model.onnx")
        self.unet = OnnxGraph(MODEL / "unet/model.onnx")
        self.alphas_bar = alphas_cumprod()
        iterations = settings["iterations"]
        self.timestep = torch.randint(
            settings["tMin"], settings["tMax"] + 1, (iterations,), generator=draws
        ).int()
        self.background = torch.rand(iterations, 3, generator=draws)
        self.noise = torch.randn(iterations, *latents, generator=draws)
        self.embeddings = embed(["", PROMPT])

    def constants(self):
        return {"embeddings": self.embeddings, "timestep": self.timestep, "noise": self.noise}

    def __call__(self, blended, i):
        mean = self.encoder(2 * blended - 1)[:, : self.noise.shape[1]]
        z = self.scaling * mean
        with torch.no_grad():
            t, noise = int(self.timestep[i]), self.noise[i].double()
            alpha_bar = self.alphas_bar[t]
            noisy = alpha_bar.sqrt() * z + (1 - alpha_bar).sqrt() * noise
            times = torch.tensor([t, t])
            predicted = self.unet(noisy.repeat(2, 1, 1, 1), times, self.embeddings)
            guided = predicted[0] + self.guidance * (predicted[1] - predicted[0])
            z_bar = (1 - alpha_bar) * (guided - noise)
        return (z * z_bar).sum(), {"z": z[0], "z_bar": z_bar}


class Clip:
    """Minus the logit e^s·cos(image, text) of the tiny CLIP."""

    def __init__(self, settings, draws):
        self.size = companions.CLIP_SIZE
        self.image = companions.network(companions.ClipImage).double()
        self.channels = [torch.tensor(c).double()[:, None, None] for c in companions.OPENAI]
        self.background = torch.rand(settings["iterations"], 3, generator=draws)
        tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
        ids = tokenizer([PROMPT], padding="max_length", return_tensors="pt")["input_ids"]
        self.text = F.normalize(companions.network(companions.ClipText).double()(ids), dim=-1)

    def constants(self):
        return {"embeddings": self.text}

    def __call__(self, blended, i):
        mean, std = self.channels
        image = F.normalize(self.image((blended - mean) / std), dim=-1)
        logit = np.exp(companions.LOGIT_SCALE) * (image * self.text).sum()
        return -logit, {"logit": logit}


def depth_map(x):
    """What the tiny depth network sees in x (3, A, A), scaled to 0..1 (1, A, A)."""
    mean, std = (torch.tensor(c).double()[:, None, None] for c in companions.IMAGENET)
    assert x.shape[-1] == companions.DEPTH_SIZE
    depth = companions.network(companions.Depth).double()(((x - mean) / std)[None])
    return (depth - depth.min()) / (depth.max() - depth.min())


def trajectory(name: str):
    settings = {**SETTINGS, **CASES[name]}
    variant, size, iterations = (settings[k] for k in ("variant", "alphaSize", "iterations"))

    # Everything random is stored in 32 bits, so it is used in 32 bits.
    draws = torch.Generator().manual_seed(settings["seed"])
    picture = Image.open(PICTURE).convert("RGB").resize((size, size), Image.Resampling.BOX)
    image = torch.tensor(np.asarray(picture) / 255).permute(2, 0, 1).float()
    x = image.double()
    loss = (Clip if settings.get("loss") == "clip" else ScoreDistillation)(settings, draws)
    out = {"image": image, "background": loss.background, **loss.constants()}
    rows = {}

    kind = Fourier if variant.startswith("fourier") else Raster
    parametrization = kind(size, settings["seed"], settings["frequencyScale"])
    out.update(parametrization.initial())
    guide = x
    if variant == "depth-bilateral":
        guide = depth_map(x)
        out["depth"] = guide[0]
    blur = bilateral_weights(guide) if variant.endswith("bilateral") else None
    if blur is not None:
        out["blur_weights"] = blur
    optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[settings["optimizer"]](
        parametrization.parameters, lr=settings["learningRate"]
    )

    def mask():
        theta = parametrization.field()
        for _ in range(0 if blur is None else 40):
            theta = (blur * neighbours(theta)).sum(0, keepdim=True)
        return torch.sigmoid(theta)

    for i in range(iterations):
        alpha = mask()
        background = loss.background[i].double()[:, None, None]
        blended = alpha * x + (1 - alpha) * background
        blended = F.interpolate(
            blended[None], (loss.size, loss.size), mode="bilinear", align_corners=False
        )
        value, seen = loss(blended, i)
        optimizer.zero_grad()
        (value + settings["lambda"] * alpha.sum()).backward()
        row = {**seen, "alpha": alpha[0], **parametrization.gradients()}
        for key, tensor in row.items():
            rows.setdefault(key, []).append(tensor.detach().clone())
        optimizer.step()
    rows["alpha"].append(mask()[0].detach())

    tensors = {**out, **{key: torch.stack(values) for key, values in rows.items()}}
    metadata = {"prompt": PROMPT, "settings": json.dumps(settings)}
    contiguous = {
        key: (value.float() if value.is_floating_point() else value).contiguous()
        for key, value in tensors.items()
    }
    save_file(contiguous, OUT / f"{name}.safetensors", metadata)


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for name in sys.argv[1:] or CASES:
        trajectory(name)
        print(name)
