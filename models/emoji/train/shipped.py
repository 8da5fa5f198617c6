"""Makes checkpoints of the shipped graphs, for training to go on from them.

    python shipped.py --runs runs && python latents.py --glyphs ... && python train_unet.py ...

Weights have been rounded to float16; optimisers start anew.
"""

import argparse
import json
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

import captions
from networks import *
from train_clip import Logit

MODEL = Path(__file__).resolve().parent.parent


def shipped(path: str, module: torch.nn.Module) -> torch.nn.Module:
    """The module with the weights of the graph that it was exported to."""
    graph = onnx.load(MODEL / path / "model.onnx").graph
    weights = {t.name.removesuffix("_half"): numpy_helper.to_array(t) for t in graph.initializer}
    for name, parameter in module.named_parameters():
        value = weights[name] if name in weights else weights[f"{name}.T"].T
        with torch.no_grad():
            parameter.copy_(torch.tensor(value.astype("float32")).view_as(parameter))
    return module


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", default="runs")
    runs = Path(parser.parse_args().runs)
    runs.mkdir(parents=True, exist_ok=True)
    vocabulary = captions.TOKENIZER.get_vocab_size()
    unet, logit = shipped("unet", UNet()), Logit()
    scale = json.loads((MODEL / "clip/config.json").read_text())["logit_scale_init_value"]
    torch.nn.init.constant_(logit.scale, scale)
    checkpoints = {
        "vae": {"encoder": shipped("vae_encoder", VaeEncoder()), "decoder": shipped("vae_decoder", VaeDecoder())},
        "text": {"text": shipped("text_encoder", TextEncoder(vocabulary)), "slots": unet.slots},
        "unet": {"unet": unet},
        "clip": {
            "image": shipped("clip/vision_model", ClipImage()),
            "text": shipped("clip/text_model", ClipText(vocabulary)), "logit": logit,
        },
        "depth": {"depth": shipped("depth", Depth())},
    }
    for name, modules in checkpoints.items():
        assert not (runs / f"{name}.pt").exists(), f"{runs / name}.pt is there already"
        states = {k: m.state_dict() for k, m in modules.items()}
        torch.save({
            "step": 0, "seconds": 0.0, "modules": states, "average": states, "optimizers": [],
        }, runs / f"{name}.pt")
    scaling = json.loads((MODEL / "vae_encoder/config.json").read_text())["scaling_factor"]
    (runs / "unet.scale").write_text(str(scaling))


if __name__ == "__main__":
    main()
