"""Stable Diffusion 1's networks with seeded weights, from diffusers' and transformers' own classes.

`full` is Stable Diffusion 1.4 exactly: the configurations are those of its repository. `small` has
the same block types, narrow enough for tests.

A weight is a function of its parameter's name and shape alone, so that every file format, and the
TypeScript writer (fill_weights.ts), has the same ones:

    u_i = uniform i of Philox with key (FNV-1a of the name, 6), counter 0       in [0, 1)
    w_i = sqrt(3 / fan_in) (2 u_i - 1)      matrices, convolutions, embeddings
    w_i = 1 + (2 u_i - 1) / 10              scales of normalisations
    w_i = (2 u_i - 1) / 10                  biases
"""

import math
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextConfig, CLIPTextModel

sys.path.insert(0, str(Path(__file__).parent.parent / "golden"))
from philox import uniform  # noqa: E402

UNET = {
    "full": dict(block_out_channels=(320, 640, 1280, 1280), cross_attention_dim=768, attention_head_dim=8),
    "small": dict(
        block_out_channels=(64, 128, 256),
        cross_attention_dim=64,
        attention_head_dim=2,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
    ),
}
VAE = {"full": (128, 256, 512, 512), "small": (32, 64, 128, 128)}
TEXT = {
    "full": dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072),
    "small": dict(hidden_size=64, num_hidden_layers=3, num_attention_heads=4, intermediate_size=256),
}


def text_encoder(size: str, eager: bool) -> CLIPTextModel:
    # The token numbers are those of the published configuration, which are not the tokenizer's.
    config = CLIPTextConfig(
        vocab_size=49408, max_position_embeddings=77, bos_token_id=0, pad_token_id=1, eos_token_id=2, **TEXT[size]
    )
    config._attn_implementation = "eager" if eager else "sdpa"
    return CLIPTextModel(config).eval()


def unet(size: str, eager: bool) -> UNet2DConditionModel:
    network = UNet2DConditionModel(sample_size=64, **UNET[size]).eval()
    if eager:
        network.set_attn_processor(AttnProcessor())
    return network


def vae(size: str, eager: bool) -> AutoencoderKL:
    network = AutoencoderKL(
        sample_size=512,
        block_out_channels=VAE[size],
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        scaling_factor=0.18215,
    ).eval()
    if eager:
        network.set_attn_processor(AttnProcessor())
    return network


def seed_of(name: str) -> int:
    """FNV-1a, 32 bits."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 & 0xFFFFFFFF
    return seed


def weight(name: str, shape: torch.Size) -> torch.Tensor:
    """The weight of a parameter, float32."""
    signed = 2 * uniform(math.prod(shape), seed_of(name), "weights") - 1
    if len(shape) > 1:
        values = math.sqrt(3 / math.prod(shape[1:])) * signed
    else:
        values = (1 if name.endswith("weight") else 0) + signed / 10
    return values.reshape(shape).float()


def fill(network: torch.nn.Module) -> torch.nn.Module:
    """Gives every parameter its seeded weight."""
    for name, parameter in network.named_parameters():
        parameter.data = weight(name, parameter.shape).to(parameter.dtype)
    return network
