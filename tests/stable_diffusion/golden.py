"""Writes what the stand-ins must compute, by the classes their graphs are exported from, in float64.

    python tests/stable_diffusion/golden.py             writes golden.safetensors
    python tests/stable_diffusion/golden.py full 256 reference.safetensors
                                                        the full encoder's gradient on 256² pixels

Text embeddings, sampled: of prompt n of tests/golden/tokenizer, tokenized by CLIPTokenizer, with
embeddings (77, D), the elements `places` + n, modulo their number, as `embeddings` (N, 16).

The encoder's gradient: x̂ = u("picture"), noise = 2u("noise") − 1 and z̄ = 2u("cotangent") − 1 in
row-major order, u being the seeded uniform numbers of networks.py; z = s(mean + std·noise) and
x̄ = ∂⟨z, z̄⟩/∂x̂. Of both every k-th element is kept, metadata says which.
"""

import json
import sys
from pathlib import Path

import torch
from networks import fill, seed_of, text_encoder, uniform, vae
from safetensors.torch import save_file
from torch.utils.checkpoint import checkpoint
from transformers import CLIPTokenizer

HERE = Path(__file__).parent
TOKENIZER = HERE.parent / "golden/tokenizer"
SCALING_FACTOR = 0.18215


def embeddings(size: str) -> dict[str, torch.Tensor]:
    tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER / "clip")
    prompts = [case["prompt"] for case in json.loads((TOKENIZER / "golden.json").read_text())["cases"]]
    ids = tokenizer(prompts, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
    network = fill(text_encoder(size, eager=True)).double()
    with torch.no_grad():
        states = torch.cat([network(some).last_hidden_state for some in ids.split(16)]).flatten(1)
    # A step that is prime to both axes meets every token and channel.
    places = torch.arange(16) * 307
    rows = torch.arange(len(prompts))[:, None]
    sampled = states.gather(1, (places + rows) % states.shape[1])
    return {"places": places.int(), "embeddings": sampled.float()}


def seeded(name: str, *shape: int) -> torch.Tensor:
    return uniform(torch.Size(shape).numel(), seed_of(name), "weights").reshape(shape)


def gradient(size: str, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    network = fill(vae(size, eager=True)).double()
    for block in [*network.encoder.down_blocks, network.encoder.mid_block]:
        # Full size would not fit into memory otherwise.
        block.forward = lambda x, forward=block.forward: checkpoint(forward, x, use_reentrant=False)
    picture = seeded("picture", 1, 3, side, side).requires_grad_()
    noise, cotangent = (2 * seeded(name, 1, 4, side // 8, side // 8) - 1 for name in ("noise", "cotangent"))
    posterior = network.encode(2 * picture - 1).latent_dist
    latents = SCALING_FACTOR * (posterior.mean + posterior.std * noise)
    (latents * cotangent).sum().backward()
    return latents.detach(), picture.grad


def main():
    size, side, path = sys.argv[1:] if len(sys.argv) > 1 else ("small", 64, HERE / "golden.safetensors")
    tensors = embeddings(size) if size == "small" else {}
    latents, cotangent = gradient(size, int(side))
    every = {"latents": 3, "cotangent": 41 if size == "small" else 401}
    tensors["latents"] = latents.flatten()[:: every["latents"]].float().clone()
    tensors["cotangent"] = cotangent.flatten()[:: every["cotangent"]].float().clone()
    save_file(tensors, path, {"size": size, "side": str(side), **{f"every {k}": str(v) for k, v in every.items()}})


if __name__ == "__main__":
    main()
