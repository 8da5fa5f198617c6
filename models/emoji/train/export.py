"""Writes the trained networks as ONNX graphs in Stable Diffusion's layout, weights in float16.

Weights are stored as float16 and cast to float32 by the graph: half the bytes, the same arithmetic.
The U-Net's are rounded to 5 bits of mantissa, which masks do not notice and compressors do: git
packs it into two thirds.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

import captions
import train_clip
import train_depth
from loop import load
from networks import *

parser = argparse.ArgumentParser()
parser.add_argument("--runs", default="runs")
parser.add_argument("--out", required=True)
args = parser.parse_args()
out = Path(args.out)

vocabulary = captions.TOKENIZER.get_vocab_size()
text, unet, encoder, decoder = TextEncoder(vocabulary), UNet(), VaeEncoder(), VaeDecoder()
load(args.runs, "vae", {"encoder": encoder, "decoder": decoder})
load(args.runs, "text", {"text": text})
steps = load(args.runs, "unet", {"unet": unet})
scale = float((Path(args.runs) / "unet.scale").read_text())
trained = {name: (Path(args.runs) / f"{name}.pt").exists() for name in ("clip", "depth")}


def rounded(half, bits):
    """float16 with the nearest mantissas of so many bits, of 10."""
    spare = 10 - bits
    # A mantissa that overflows raises the exponent, as it should.
    raised = half.view(np.uint16).astype(np.uint32) + (1 << spare >> 1)
    return (raised >> spare << spare).astype(np.uint16).view(np.float16)


def halve(model, bits):
    """Stores float32 tensors of more than 64 numbers as float16, with a Cast behind each."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and np.prod(tensor.dims) > 64:
            name = tensor.name
            half = rounded(numpy_helper.to_array(tensor).astype(np.float16), bits)
            tensor.CopyFrom(numpy_helper.from_array(half, name + "_half"))
            casts.append(helper.make_node("Cast", [name + "_half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)


def rename(model, module):
    """Weights get their parameters' names back; one that the exporter has transposed, a `.T` behind.

    So the shipped graphs are checkpoints too: `shipped.py` makes them that.
    """
    names, new = {}, {}
    for name, p in module.named_parameters():
        names[p.numpy().tobytes()] = name
        if p.ndim == 2:
            names[p.T.contiguous().numpy().tobytes()] = f"{name}.T"
    for tensor in model.graph.initializer:
        if tensor.name.startswith("onnx::"):
            new[tensor.name] = names.get(numpy_helper.to_array(tensor).tobytes(), tensor.name)
            tensor.name = new[tensor.name]
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = new.get(name, name)


def export(path, module, inputs, names, output, dynamic, bits=10):
    path = out / path / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        module, inputs, str(path), input_names=names, output_names=[output],
        dynamic_axes=dynamic, opset_version=17, dynamo=False,
    )
    model = onnx.load(path)
    before = run(path, inputs)
    rename(model, module)
    halve(model, bits)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    worst = np.abs(run(path, inputs) - before).max() / np.abs(before).max()
    expected = module(*inputs).numpy()
    torch_off = np.abs(before - expected).max() / np.abs(expected).max()
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, rounding changes {worst:.1e}, torch {torch_off:.1e}")


def run(path, inputs):
    import onnxruntime
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feeds = {i.name: t.numpy() for i, t in zip(session.get_inputs(), inputs)}
    return session.run(None, feeds)[0]


def write(path, value):
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    (out / path).write_text(json.dumps(value, indent=1))


batch = {0: "batch"}
square = {0: "batch", 2: "height", 3: "width"}
ids = torch.tensor([captions.encode("a cat on the left"), captions.encode("")])
context = text(ids)
picture = torch.rand(2, 3, 64, 64)
export("text_encoder", text, (ids,), ["input_ids"], "last_hidden_state",
       {"input_ids": batch, "last_hidden_state": batch})
export("unet", unet, (torch.randn(2, 4, 16, 16), torch.tensor([10, 600]), context),
       ["sample", "timestep", "encoder_hidden_states"], "out_sample",
       {n: batch for n in ("sample", "timestep", "encoder_hidden_states", "out_sample")}, bits=5)
export("vae_encoder", encoder, (2 * picture - 1,), ["sample"], "latent_parameters",
       {"sample": square, "latent_parameters": square})
export("vae_decoder", decoder, (torch.randn(2, 4, 16, 16),), ["latent_sample"], "sample",
       {"latent_sample": square, "sample": square})
if trained["clip"]:
    image, words, logit = ClipImage(), ClipText(vocabulary), train_clip.Logit()
    load(args.runs, "clip", {"image": image, "text": words, "logit": logit})
    export("clip/text_model", words, (ids,), ["input_ids"], "text_embeds",
           {"input_ids": batch, "text_embeds": batch})
    export("clip/vision_model", image, (picture,), ["pixel_values"], "image_embeds",
           {"pixel_values": batch, "image_embeds": batch})
    write("clip/config.json", {
        "projection_dim": CLIP_WIDTH, "logit_scale_init_value": logit.scale.item(),
    })
    write("clip/preprocessor_config.json", {
        "size": PICTURE, "image_mean": train_clip.MEAN.tolist(), "image_std": train_clip.STD.tolist(),
    })
if trained["depth"]:
    depth = Depth()
    load(args.runs, "depth", {"depth": depth})
    export("depth", depth, (picture,), ["image"], "inverse_depth",
           {"image": batch, "inverse_depth": batch})
    write("depth/preprocessor_config.json", {
        "size": PICTURE, "image_mean": train_depth.MEAN.tolist(), "image_std": train_depth.STD.tolist(),
    })
captions.save(out / "tokenizer")
runtime = ["diffusers", "OnnxRuntimeModel"]
write("model_index.json", {
    "_class_name": "OnnxStableDiffusionPipeline",
    **{k: runtime for k in ("text_encoder", "unet", "vae_encoder", "vae_decoder")},
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "scheduler": ["diffusers", "PNDMScheduler"],
})
write("scheduler/scheduler_config.json", {
    "_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
    "beta_schedule": "scaled_linear", "num_train_timesteps": 1000, "prediction_type": "epsilon",
    "steps_offset": 1, "set_alpha_to_one": False,
})
write("unet/config.json", {
    "_class_name": "UNet2DConditionModel", "in_channels": 4, "sample_size": 16,
    "cross_attention_dim": TEXT_WIDTH,
})
for part in ("vae_encoder", "vae_decoder"):
    write(f"{part}/config.json", {
        "_class_name": "AutoencoderKL", "scaling_factor": scale, "latent_channels": 4,
        "in_channels": 3, "sample_size": PICTURE,
    })
print(f"U-Net at step {steps}; {sum(f.stat().st_size for f in out.rglob('*') if f.is_file()) / 1e6:.2f} MB in all")
