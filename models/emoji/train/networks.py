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


class Draw(nn.Module):
    """state (B, TEXT_WIDTH) -> picture (B, 4, 32, 32): what a prompt's token means; only for training."""

    def __init__(self, a=256, b=64, c=32):
        super().__init__()
        self.seed = nn.Linear(TEXT_WIDTH, a * 16)
        self.layers = nn.Sequential(
            nn.SiLU(), nn.Conv2d(a, 4 * b, 1), nn.PixelShuffle(2), ResBlock(b, b),
            nn.Conv2d(b, 4 * c, 1), nn.PixelShuffle(2), ResBlock(c, c),
            nn.GroupNorm(8, c), nn.SiLU(), nn.Conv2d(c, 16, 3, padding=1), nn.PixelShuffle(2),
        )

    def forward(self, state):
        return self.layers(self.seed(state).unflatten(1, (-1, 4, 4)))


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
            nn.Conv2d(a, b, 4, 2, 1), ResBlock(b, b), ResBlock(b, b),
            nn.GroupNorm(8, b), nn.SiLU(), nn.Conv2d(b, 2 * LATENT_CHANNELS, 3, padding=1),
        )

    def forward(self, sample):
        mean, logvar = self.layers(sample).chunk(2, 1)
        return torch.cat([mean, logvar.clamp(-20, 6)], 1)


class VaeDecoder(nn.Module):
    """latent_sample (B, 4, h, w), not scaled -> sample (B, 3, 4h, 4w) in -1..1."""

    def __init__(self, a=64, b=96):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(LATENT_CHANNELS, b, 3, padding=1), ResBlock(b, b), ResBlock(b, b),
            nn.Upsample(scale_factor=2), nn.Conv2d(b, a, 3, padding=1), ResBlock(a, a),
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
    """Self-attention, cross-attention to the prompt, MLP, on a feature map (B, width, h, w)."""

    def __init__(self, width, heads, side, mlp=2):
        super().__init__()
        self.side = side
        self.position = nn.Parameter(torch.randn(side * side, width) * 0.02)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.attention = Attention(width, heads)
        self.cross = Attention(width, heads, TEXT_WIDTH)
        hidden = mlp * width
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
        for layer in (self.attention.out, self.cross.out, self.mlp[2]):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x, context):
        y = x.flatten(2).transpose(1, 2)
        y = y + self.attention(self.norm1(y + self.position))
        y = y + self.cross(self.norm2(y), context)
        y = y + self.mlp(self.norm3(y))
        return y.transpose(1, 2).unflatten(2, (self.side, self.side))


class UNet(nn.Module):
    """sample (B, 4, 16, 16), timestep (B,), encoder_hidden_states (B, TOKENS, TEXT_WIDTH) -> noise.

    Levels of 16 x 16, 8 x 8 and 4 x 4; cross-attention at the lower two. The last token's state,
    which has seen the whole prompt, is added to the timestep's embedding too, and as a feature map
    to the lowest level.
    """

    def __init__(self, a=64, b=160, c=256, emb=256):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(128, emb), nn.SiLU(), nn.Linear(emb, emb))
        self.pooled = nn.Linear(TEXT_WIDTH, emb)
        self.input = nn.Conv2d(LATENT_CHANNELS, a, 3, padding=1)
        self.down1 = ResBlock(a, a, emb)
        self.to2 = nn.Conv2d(a, b, 2, 2)
        self.down2 = ResBlock(b, b, emb)
        self.look2 = Transformer(b, 4, 8)
        self.to3 = nn.Conv2d(b, c, 2, 2)
        self.seed = nn.Linear(TEXT_WIDTH, c * 16)
        self.middle1 = ResBlock(c, c, emb)
        self.look3 = Transformer(c, 4, 4, mlp=4)
        self.middle2 = ResBlock(c, c, emb)
        self.from3 = nn.Conv2d(c, 4 * b, 1)
        self.up2 = ResBlock(2 * b, b, emb)
        self.lookup2 = Transformer(b, 4, 8)
        self.from2 = nn.Conv2d(b, 4 * a, 1)
        self.up1 = ResBlock(2 * a, a, emb)
        self.up0 = ResBlock(2 * a, a, emb)
        self.output = nn.Sequential(
            nn.GroupNorm(8, a), nn.SiLU(), nn.Conv2d(a, LATENT_CHANNELS, 3, padding=1)
        )
        nn.init.zeros_(self.output[2].weight)
        nn.init.zeros_(self.output[2].bias)

    def forward(self, sample, timestep, encoder_hidden_states, inner=False):
        """With `inner`, also the features (B, c, 4, 4) at the bottom, which training looks at."""
        emb = self.time(timestep_features(timestep).to(sample.dtype))
        emb = F.silu(emb + self.pooled(encoder_hidden_states[:, -1]))
        skip0 = self.input(sample)
        skip1 = self.down1(skip0, emb)
        skip2 = self.look2(self.down2(self.to2(skip1), emb), encoder_hidden_states)
        x = self.to3(skip2) + self.seed(encoder_hidden_states[:, -1]).unflatten(1, (-1, 4, 4))
        x = self.look3(self.middle1(x, emb), encoder_hidden_states)
        middle = self.middle2(x, emb)
        x = F.pixel_shuffle(self.from3(middle), 2)
        x = self.lookup2(self.up2(torch.cat([x, skip2], 1), emb), encoder_hidden_states)
        x = F.pixel_shuffle(self.from2(x), 2)
        x = self.up1(torch.cat([x, skip1], 1), emb)
        x = self.output(self.up0(torch.cat([x, skip0], 1), emb))
        return (x, middle) if inner else x


class ClipImage(nn.Module):
    """pixel_values (B, 3, 64, 64), normalised -> image_embeds (B, CLIP_WIDTH)."""

    def __init__(self, a=32, b=64, c=128, d=256):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, a, 4, 2, 1), ResBlock(a, a),
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
