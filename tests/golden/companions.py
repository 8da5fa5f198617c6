"""A tiny depth network and a tiny CLIP with seeded weights, in the contract of the trained ones.

    python tests/golden/companions.py

writes `tests/fixtures/companions/{depth,clip}`: graphs with weights in float16 behind casts, as
`models/emoji/train/export.py` writes them, and their configuration. They know nothing; they are for
comparing what follows from them with PyTorch.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from torch import nn

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
OUT = HERE.parent / "fixtures/companions"
TOKENIZER = ROOT / "models/emoji/tokenizer"

IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
OPENAI = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
DEPTH_SIZE, CLIP_SIZE, CLIP_WIDTH = 32, 48, 24
LOGIT_SCALE = 2.66
VOCABULARY = len(json.loads((TOKENIZER / "vocab.json").read_text()))
TOKENS = json.loads((TOKENIZER / "tokenizer_config.json").read_text())["model_max_length"]


class ResBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(4, channels), nn.GroupNorm(4, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        return x + self.conv2(F.silu(self.norm2(h)))


class Depth(nn.Module):
    """image (B, 3, 32, 32), normalised -> inverse depth (B, 32, 32)."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 16, 4, 2, 1), ResBlock(16), nn.Upsample(scale_factor=2),
            nn.Conv2d(16, 1, 3, padding=1),
        )

    def forward(self, image):
        return self.layers(image)[:, 0]


class ClipImage(nn.Module):
    """pixel_values (B, 3, 48, 48), normalised -> image_embeds (B, 24)."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 16, 4, 2, 1), ResBlock(16), nn.Conv2d(16, 32, 4, 2, 1), ResBlock(32),
            nn.GroupNorm(4, 32), nn.SiLU(),
        )
        self.projection = nn.Linear(32, CLIP_WIDTH, bias=False)

    def forward(self, pixel_values):
        return self.projection(self.layers(pixel_values).mean((2, 3)))


class ClipText(nn.Module):
    """input_ids (B, T) -> text_embeds (B, 24)."""

    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(VOCABULARY, 16)
        self.position = nn.Parameter(torch.randn(TOKENS, 16))
        self.layer = nn.Linear(16, 32)
        self.projection = nn.Linear(32, CLIP_WIDTH, bias=False)

    def forward(self, input_ids):
        x = F.gelu(self.layer(self.token(input_ids) + self.position))
        return self.projection(x.mean(1))


def network(kind):
    """With weights that are the same each time, and that float16 holds exactly."""
    torch.manual_seed({Depth: 1, ClipImage: 2, ClipText: 3}[kind])
    module = kind().eval()
    with torch.no_grad():
        for parameter in module.parameters():
            # Norms' scales and shifts that are not 1 and 0.
            if parameter.dim() == 1:
                parameter += 0.2 * torch.randn(parameter.shape)
            parameter.copy_(parameter.half().float())
    return module.requires_grad_(False)


def halve(model):
    """Stores float32 tensors of more than 64 numbers as float16, with a Cast behind each."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and np.prod(tensor.dims) > 64:
            name = tensor.name
            half = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(half, name + "_half"))
            casts.append(helper.make_node("Cast", [name + "_half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)


def export(path, module, example, name, output):
    path = OUT / path / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    batch = {0: "batch"}
    torch.onnx.export(
        module, (example,), str(path), input_names=[name], output_names=[output],
        dynamic_axes={name: batch, output: batch}, opset_version=17, dynamo=False,
    )
    model = onnx.load(path)
    halve(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write(path, value):
    (OUT / path).write_text(json.dumps(value, indent=1) + "\n")


def processor(size, mean, std):
    return {"size": size, "image_mean": mean, "image_std": std}


def export_all():
    export("depth", network(Depth), torch.rand(2, 3, DEPTH_SIZE, DEPTH_SIZE), "image", "inverse_depth")
    write("depth/preprocessor_config.json", processor(DEPTH_SIZE, *IMAGENET))
    export("clip/vision_model", network(ClipImage), torch.rand(2, 3, CLIP_SIZE, CLIP_SIZE),
           "pixel_values", "image_embeds")
    export("clip/text_model", network(ClipText), torch.zeros(2, TOKENS, dtype=torch.long),
           "input_ids", "text_embeds")
    write("clip/config.json", {"projection_dim": CLIP_WIDTH, "logit_scale_init_value": LOGIT_SCALE})
    write("clip/preprocessor_config.json", processor(CLIP_SIZE, *OPENAI))
    for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(TOKENIZER / file, OUT / "clip" / file)
    # MiDaS's own file is of operator set 9, whose Upsample later sets no longer have.
    image = helper.make_tensor_value_info("0", onnx.TensorProto.FLOAT, [1, 3, 16, 16])
    depth = helper.make_tensor_value_info("depth", onnx.TensorProto.FLOAT, [1, 16, 16])
    brightness = numpy_helper.from_array(np.full((1, 3, 2, 2), 1 / 12, np.float32), "w")
    nodes = [
        helper.make_node("Conv", ["0", "w"], ["small"], strides=[2, 2], kernel_shape=[2, 2]),
        helper.make_node("Constant", [], ["scales"], value=numpy_helper.from_array(
            np.array([1, 1, 2, 2], np.float32))),
        helper.make_node("Upsample", ["small", "scales"], ["large"], mode="nearest"),
        helper.make_node("Squeeze", ["large"], ["depth"], axes=[1]),
    ]
    weights = helper.make_tensor_value_info("w", onnx.TensorProto.FLOAT, [1, 3, 2, 2])
    graph = helper.make_graph(nodes, "midas", [image, weights], [depth], [brightness])
    old = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=3)
    onnx.checker.check_model(old)
    (OUT / "depth-opset-9").mkdir(exist_ok=True)
    onnx.save(old, OUT / "depth-opset-9/model.onnx")
    write("depth-opset-9/preprocessor_config.json", processor(16, [0, 0, 0], [1, 1, 1]))


if __name__ == "__main__":
    export_all()
