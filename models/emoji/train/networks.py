"""The networks, in Stable Diffusion's roles: text encoder, VAE, U-Net; and CLIP and depth beside them.

Pictures are 64 x 64 in -1..1, latents 4 x 16 x 16, prompts TOKENS tokens. Everything is written so
that the ONNX export needs no shape arithmetic.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

TOKENS = 24
TEXT_WIDTH = 128
PICTURE = 64
LATENT_CHANNELS = 4
CLIP_WIDTH = 128
SLOTS = 3  # the most objects a caption names
DRAWN = 192  # channels of an object's map


class Attention(nn.Module):
    """Multi-head attention of x (B, N, width) over context (B, M, context_width), or over itself."""

    def __init__(self, width: int, heads: int, context_width: int | None = None, causal=False):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(context_width or width, width, bias=False)
        self.v = nn.Linear(context_width or width, width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x, context=None):
        context = x if context is None else context
        split = lambda t: t.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, k, v = split(self.q(x)), split(self.k(context)), split(self.v(context))
        # By hand: for so few tokens faster on a CPU, backwards above all, than the fused kernel.
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        if self.causal:
            scores = scores + torch.full(scores.shape[-2:], -1e4).triu(1).to(scores)
        y = scores.softmax(-1).to(v.dtype) @ v
        return self.out(y.transpose(1, 2).flatten(2))


class TextEncoder(nn.Module):
    """input_ids (B, TOKENS) -> last_hidden_state (B, TOKENS, TEXT_WIDTH), causal as CLIP's."""

    def __init__(self, vocabulary: int, width=TEXT_WIDTH, layers=3, heads=4):
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Parameter(torch.randn(TOKENS, width) * 0.01)
        nn.init.normal_(self.token.weight, std=0.02 * math.sqrt(width))
        self.layers = nn.ModuleList(TextLayer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, input_ids):
        x = self.token(input_ids) + self.position
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


class TextLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, causal=True)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Slots(nn.Module):
    """states (B, TOKENS, TEXT_WIDTH) -> a picture of each object named (B, SLOTS, DRAWN, 4, 4).

    Every slot looks for the object that is named first, second, third; what it finds is laid out as
    a coarse map, upright and filling its square. Training starts from maps that the emoji can be
    drawn from (train_text.py); the U-Net looks them up wherever it sees such an object.
    """

    def __init__(self, width=256):
        super().__init__()
        self.queries = nn.Parameter(torch.randn(SLOTS, TEXT_WIDTH) * 0.1)
        self.position = nn.Parameter(torch.zeros(SLOTS, TOKENS))
        self.key = nn.Linear(TEXT_WIDTH, TEXT_WIDTH, bias=False)
        self.value = nn.Linear(TEXT_WIDTH, width)
        self.map = nn.Linear(width, DRAWN * 16)

    def forward(self, states):
        scores = self.queries @ self.key(states).transpose(1, 2) + self.position
        found = scores.softmax(-1) @ self.value(states)
        return F.silu(self.map(F.silu(found)).unflatten(2, (DRAWN, 4, 4)))


class Draw(nn.Module):
    """Slots' maps (B, DRAWN, 4, 4) -> pictures (B, 4, 32, 32), colours times alpha, and alpha; only for training."""

    def __init__(self, b=64, c=32):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(DRAWN, 4 * b, 1), nn.PixelShuffle(2), ResBlock(b, b),
            nn.Conv2d(b, 4 * c, 1), nn.PixelShuffle(2), ResBlock(c, c),
            nn.GroupNorm(8, c), nn.SiLU(), nn.Conv2d(c, 16, 3, padding=1), nn.PixelShuffle(2),
        )

    def forward(self, maps):
        return self.layers(maps)


class ResBlock(nn.Module):
    """Two 3 x 3 convolutions; `condition` (B, emb) scales and shifts after the second norm."""

    def __init__(self, channels_in, channels, emb=None, groups=8):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, channels_in)
        self.conv1 = nn.Conv2d(channels_in, channels, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.skip = nn.Conv2d(channels_in, channels, 1) if channels_in != channels else nn.Identity()
        self.condition = nn.Linear(emb, 2 * channels) if emb else None
        if emb:
            nn.init.zeros_(self.condition.weight)
            nn.init.zeros_(self.condition.bias)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x, emb=None):
        h = self.norm2(self.conv1(F.silu(self.norm1(x))))
        if self.condition is not None:
            scale, shift = self.condition(emb)[:, :, None, None].chunk(2, 1)
            h = h * (1 + scale) + shift
        return self.skip(x) + self.conv2(F.silu(h))


class VaeEncoder(nn.Module):
    """sample (B, 3, h, w) in -1..1 -> latent_parameters (B, 8, h/4, w/4): mean and log-variance."""

    def __init__(self, a=32, b=64):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, a, 4, 2, 1), ResBlock(a, a),
            nn.Conv2d(a, b, 4, 2, 1), ResBlock(b, b),
            nn.GroupNorm(8, b), nn.SiLU(), nn.Conv2d(b, 2 * LATENT_CHANNELS, 3, padding=1),
        )

    def forward(self, sample):
        mean, logvar = self.layers(sample).chunk(2, 1)
        return torch.cat([mean, logvar.clamp(-20, 6)], 1)


class VaeDecoder(nn.Module):
    """latent_sample (B, 4, h, w), not scaled -> sample (B, 3, 4h, 4w) in -1..1."""

    def __init__(self, a=32, b=64):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(LATENT_CHANNELS, b, 3, padding=1), ResBlock(b, b), ResBlock(b, b),
            nn.Conv2d(b, 4 * a, 1), nn.PixelShuffle(2), ResBlock(a, a),
            nn.GroupNorm(8, a), nn.SiLU(), nn.Conv2d(a, 12, 3, padding=1), nn.PixelShuffle(2),
        )

    def forward(self, latent_sample):
        return self.layers(latent_sample)


def timestep_features(t, width=128):
    """t (B,) in 0..999 -> (B, width): sines and cosines of geometric frequencies."""
    frequencies = torch.exp(-math.log(10000) * torch.arange(width // 2, device=t.device) / (width // 2))
    angles = t.float()[:, None] * frequencies[None]
    return torch.cat([angles.cos(), angles.sin()], -1)


class Transformer(nn.Module):
    """Self-attention, cross-attention to the prompt, MLP, on a feature map (B, width, side, side)."""

    def __init__(self, width, heads, side, mlp=2):
        super().__init__()
        self.side = side
        self.position = nn.Parameter(torch.randn(side * side, width) * 0.02)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.attention = Attention(width, heads)
        self.cross = Attention(width, heads, DRAWN)
        hidden = mlp * width
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
        for layer in (self.attention.out, self.cross.out, self.mlp[2]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x, context):
        y = x.flatten(2).transpose(1, 2)
        y = y + self.attention(self.norm1(y + self.position))
        y = y + self.cross(self.norm2(y + self.position), context)
        y = y + self.mlp(self.norm3(y))
        return y.transpose(1, 2).unflatten(2, (self.side, self.side))


def alphas_cumprod():
    """Stable Diffusion's scaled-linear schedule, (1000,)."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return (1 - betas).cumprod(0).float()


class UNet(nn.Module):
    """sample (B, 4, 16, 16), timestep (B,), encoder_hidden_states (B, TOKENS, TEXT_WIDTH) -> noise.

    Levels of 8 x 8 (each place a patch of 2 x 2 latents) and 4 x 4. Cross-attention looks at the
    prompt's tokens and at the objects' maps (Slots); the last token's state, which has seen the
    whole prompt, is added to the timestep's embedding too. What is learnt is the velocity
    v = sqrt(a) noise - sqrt(1 - a) latents (Salimans & Ho 2022), of the same size at every timestep;
    the noise is sqrt(a) v + sqrt(1 - a) sample.
    """

    def __init__(self, b=128, c=256, emb=256):
        super().__init__()
        alphas = alphas_cumprod()
        self.register_buffer("signal", alphas.sqrt(), persistent=False)
        self.register_buffer("noise", (1 - alphas).sqrt(), persistent=False)
        self.time = nn.Sequential(nn.Linear(128, emb), nn.SiLU(), nn.Linear(emb, emb))
        self.pooled = nn.Linear(TEXT_WIDTH, emb)
        self.slots = Slots()
        self.words = nn.Linear(TEXT_WIDTH, DRAWN)
        self.places = nn.Parameter(torch.randn(SLOTS * 16, DRAWN) * 0.02)
        self.input = nn.Conv2d(LATENT_CHANNELS, b, 4, 2, 1)
        self.down2 = ResBlock(b, b, emb)
        self.look2 = Transformer(b, 4, 8)
        self.to3 = nn.Conv2d(b, c, 2, 2)
        self.seed = nn.Conv2d(DRAWN, c, 1)
        self.middle1 = ResBlock(c, c, emb)
        self.look3 = Transformer(c, 4, 4, mlp=3)
        self.middle2 = ResBlock(c, c, emb)
        self.from3 = nn.Conv2d(c, 4 * b, 1)
        self.skip2 = nn.Conv2d(b, b, 1)
        self.up2 = ResBlock(b, b, emb)
        self.lookup2 = Transformer(b, 4, 8)
        self.up1 = ResBlock(b, b, emb)
        self.output = nn.Sequential(
            nn.GroupNorm(8, b), nn.SiLU(), nn.Conv2d(b, 4 * LATENT_CHANNELS, 3, padding=1),
            nn.PixelShuffle(2),
        )
        nn.init.zeros_(self.output[2].weight)
        nn.init.zeros_(self.output[2].bias)

    def forward(self, sample, timestep, encoder_hidden_states):
        v = self.velocity(sample, timestep, encoder_hidden_states)
        signal, noise = (t.index_select(0, timestep)[:, None, None, None] for t in (self.signal, self.noise))
        return signal * v + noise * sample

    def velocity(self, sample, timestep, encoder_hidden_states):
        emb = self.time(timestep_features(timestep).to(sample.dtype))
        emb = F.silu(emb + self.pooled(encoder_hidden_states[:, -1]))
        maps = self.slots(encoder_hidden_states)
        drawn = maps.flatten(3).transpose(2, 3).flatten(1, 2) + self.places
        context = torch.cat([self.words(encoder_hidden_states), drawn], 1)
        skip2 = self.look2(self.down2(self.input(sample), emb), context)
        x = self.to3(skip2) + self.seed(maps[:, 0])
        x = self.look3(self.middle1(x, emb), context)
        x = self.middle2(x, emb)
        x = F.pixel_shuffle(self.from3(x), 2) + self.skip2(skip2)
        x = self.lookup2(self.up2(x, emb), context)
        return self.output(self.up1(x, emb))


class ClipImage(nn.Module):
    """pixel_values (B, 3, 64, 64), normalised -> image_embeds (B, CLIP_WIDTH)."""

    def __init__(self, a=32, b=64, c=128, d=256):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, a, 4, 2, 1), nn.GroupNorm(8, a), nn.SiLU(),
            nn.Conv2d(a, b, 4, 2, 1), ResBlock(b, b),
            nn.Conv2d(b, c, 4, 2, 1), ResBlock(c, c), ResBlock(c, c),
            nn.Conv2d(c, d, 2, 2), ResBlock(d, d), nn.GroupNorm(8, d), nn.SiLU(),
        )
        self.projection = nn.Linear(d, CLIP_WIDTH, bias=False)

    def features(self, pixel_values):
        """(B, 256, 4, 4), what is where."""
        return self.layers(pixel_values)

    def forward(self, pixel_values):
        return self.projection(self.features(pixel_values).mean((2, 3)))


class ClipText(nn.Module):
    """input_ids (B, TOKENS) -> text_embeds (B, CLIP_WIDTH)."""

    def __init__(self, vocabulary: int):
        super().__init__()
        self.encoder = TextEncoder(vocabulary)
        self.projection = nn.Linear(TEXT_WIDTH, CLIP_WIDTH, bias=False)

    def forward(self, input_ids):
        return self.projection(self.encoder(input_ids)[:, -1])


class Depth(nn.Module):
    """image (B, 3, 64, 64), normalised -> inverse depth (B, 64, 64), nearer is larger."""

    def __init__(self, a=32, b=64, c=96):
        super().__init__()
        self.down1 = nn.Sequential(nn.Conv2d(3, a, 4, 2, 1), ResBlock(a, a))
        self.down2 = nn.Sequential(nn.Conv2d(a, b, 4, 2, 1), ResBlock(b, b))
        self.middle = nn.Sequential(
            nn.Conv2d(b, c, 4, 2, 1), ResBlock(c, c), nn.Conv2d(c, c, 2, 2), ResBlock(c, c),
            nn.Upsample(scale_factor=2), ResBlock(c, c), nn.Upsample(scale_factor=2),
        )
        self.up2 = nn.Sequential(ResBlock(b + c, b), nn.Upsample(scale_factor=2))
        self.up1 = nn.Sequential(
            ResBlock(a + b, a), nn.GroupNorm(8, a), nn.SiLU(), nn.Conv2d(a, 4, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def forward(self, image):
        fine = self.down1(image)
        coarse = self.down2(fine)
        x = self.up2(torch.cat([coarse, self.middle(coarse)], 1))
        return self.up1(torch.cat([fine, x], 1))[:, 0]
