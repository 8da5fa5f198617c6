"""Writes graphs/: Stable Diffusion 1's networks as each exporter writes them, without their weights.

    python tests/stable_diffusion/export.py [full|small] [diffusers|optimum|fp16]

- diffusers: as scripts/convert_stable_diffusion_checkpoint_to_onnx.py of diffusers wrote the `onnx`
  revision of CompVis/stable-diffusion-v1-4 in 2022: operator set 14, attention written out, the
  encoder sampled inside the graph, an int64 timestep a batch item
- optimum: as optimum's exporter writes it: operator set 18, scaled_dot_product_attention, the
  encoder's `latent_parameters`, one int64 timestep of rank 0
- fp16: as diffusers' script with --fp16: every input, output and weight is float16, the timestep too

An initializer that stands for a parameter keeps its name, shape and type but not its bytes; its
`doc_string` is the parameter's name, followed by "^T" where the exporter has transposed it. Values
the exporter made itself stay. fill_weights.ts puts the weights in.
"""

import math
import sys
import tempfile
import warnings
from pathlib import Path

import brotli
import onnx
import torch
from diffusers.utils import logging
from networks import TEXT, text_encoder, unet, vae

OUT = Path(__file__).parent / "graphs"
LAYOUTS = ("diffusers", "optimum", "fp16")


def mark(network: torch.nn.Module, dtype: torch.dtype) -> dict[float, tuple[str, torch.Size]]:
    """Fills parameter i with the number (i + 1) / 2048, by which it is known in the graph; takes no memory."""
    marks = {}
    for i, (name, parameter) in enumerate(network.named_parameters()):
        value = (i + 1) / 2048
        marks[value] = name, parameter.shape
        parameter.data = torch.full((1,), value, dtype=dtype).expand(parameter.shape)
    assert len(marks) <= 2048, "numbers above 1 are not all exact in float16"
    network.to(dtype)
    return marks


def strip(tensor: onnx.TensorProto, marks: dict, folder: Path) -> str | None:
    """Drops the bytes of a parameter and returns its name; leaves every other tensor as it is."""
    values = onnx.numpy_helper.to_array(tensor, str(folder))
    if values.dtype.kind != "f" or values.size < 2 or (values != values.flat[0]).any():
        return None
    if float(values.flat[0]) not in marks:
        return None
    name, shape = marks[float(values.flat[0])]
    if tensor.name == name or len(shape) == 1:
        assert values.size == math.prod(shape), name
        tensor.doc_string = name
    else:
        # What constant folding makes of a linear layer's weight for MatMul.
        assert tuple(reversed(shape)) == values.shape, name
        tensor.doc_string = f"{name}^T"
    for field in ("raw_data", "external_data", "data_location"):
        tensor.ClearField(field)
    return name


def drop_doubles(graph: onnx.GraphProto):
    """Leaves layer normalisation in float16; since 2023 PyTorch's exporter widens it to float64 and back."""
    double, half = onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16
    source = {}
    for node in list(graph.node):
        for i, name in enumerate(node.input):
            node.input[i] = source.get(name, name)
        value = next((a for a in node.attribute if a.name in ("to", "value")), None)
        if node.op_type == "Constant" and value.t.data_type == double:
            value.t.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(value.t).astype("float16")))
        elif node.op_type == "Cast" and value.i in (double, half) and "norm" in node.name:
            source[node.output[0]] = node.input[0]
            graph.node.remove(node)


def write(size: str, layout: str, part: str, network, inputs: dict, outputs: list, axes: dict):
    dtype = torch.float16 if layout == "fp16" else torch.float32
    marks = mark(network, dtype)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a trace is of one path only, and that the exporter is old
            torch.onnx.export(
                network,
                tuple(inputs.values()),
                str(path),
                input_names=list(inputs),
                output_names=outputs,
                dynamic_axes=axes,
                do_constant_folding=True,
                opset_version=18 if layout == "optimum" else 14,
                dynamo=False,
            )
        model = onnx.load(path, load_external_data=False)
        found = {strip(tensor, marks, path.parent) for tensor in model.graph.initializer} - {None}
    if layout == "fp16":
        drop_doubles(model.graph)
    target = OUT / size / layout / f"{part}.onnx.br"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(brotli.compress(model.SerializeToString(deterministic=True)))
    print(size, layout, part, f"{len(found)} of {len(marks)} parameters,", target.stat().st_size, "bytes")


def write_layout(size: str, layout: str):
    optimum = layout == "optimum"
    float_type = torch.float16 if layout == "fp16" else torch.float32
    batch, sequence = ("batch_size", "sequence_length") if optimum else ("batch", "sequence")
    # The weights do not matter to the trace, nor does the size of what is fed.
    noise = lambda *shape: torch.zeros(shape, dtype=float_type)  # noqa: E731
    picture_axes = {0: batch, 2: "height", 3: "width"} if optimum else dict(enumerate([batch, "channels", "height", "width"]))

    text = text_encoder(size, eager=not optimum)
    axes = {"input_ids": {0: batch, 1: sequence}}
    if optimum:
        axes |= {"last_hidden_state": {0: batch, 1: sequence}, "pooler_output": {0: batch}}
    ids = {"input_ids": torch.zeros(2 if optimum else 1, 77, dtype=torch.int32)}
    write(size, layout, "text_encoder", text, ids, ["last_hidden_state", "pooler_output"], axes)

    network = unet(size, eager=not optimum)
    timestep = {
        "diffusers": torch.tensor([0, 1]),
        "optimum": torch.tensor(1),
        "fp16": torch.zeros(2, dtype=torch.float16),
    }[layout]
    inputs = {
        "sample": noise(2, 4, 16, 16),
        "timestep": timestep,
        "encoder_hidden_states": noise(2, 77, TEXT[size]["hidden_size"]),
    }
    axes = {"sample": picture_axes, "encoder_hidden_states": {0: batch, 1: sequence}}
    axes |= {"out_sample": picture_axes} if optimum else {"timestep": {0: batch}}
    predict = network.forward
    network.forward = lambda sample, timestep, encoder_hidden_states: predict(
        sample, timestep, encoder_hidden_states, return_dict=False
    )
    write(size, layout, "unet", network, inputs, ["out_sample"], axes)

    network = vae(size, eager=not optimum)
    if optimum:
        encode = lambda sample: network.encode(sample).latent_dist.parameters  # noqa: E731
    else:
        encode = lambda sample: network.encode(sample).latent_dist.sample()  # noqa: E731
    network.forward = encode
    output = "latent_parameters" if optimum else "latent_sample"
    axes = {"sample": picture_axes}
    if optimum:
        axes[output] = {0: batch, 2: "latent_height", 3: "latent_width"}
    write(size, layout, "vae_encoder", network, {"sample": noise(1, 3, 64, 64)}, [output], axes)

    network.forward = lambda latent_sample: network.decode(latent_sample, return_dict=False)
    axes = {"latent_sample": {**picture_axes}}
    if optimum:
        axes = {"latent_sample": {0: batch, 2: "latent_height", 3: "latent_width"}, "sample": picture_axes}
    write(size, layout, "vae_decoder", network, {"latent_sample": noise(1, 4, 2, 2)}, ["sample"], axes)


if __name__ == "__main__":
    logging.set_verbosity_error()
    for size in [sys.argv[1]] if len(sys.argv) > 1 else ["full", "small"]:
        for layout in [sys.argv[2]] if len(sys.argv) > 2 else LAYOUTS:
            write_layout(size, layout)
