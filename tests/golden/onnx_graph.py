"""Runs ONNX graphs in PyTorch, in float64, so that autograd differentiates them.

Knows the operators of the embedded model's networks; any other is an error that names it.
"""

from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


def exact(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor


def ints(tensor: torch.Tensor) -> list[int]:
    return [int(value) for value in tensor.reshape(-1)]


def reshape(x, shape, allowzero=0):
    assert allowzero == 0
    sizes = [x.shape[i] if size == 0 else size for i, size in enumerate(ints(shape))]
    return x.reshape(sizes)


def unsqueeze(x, axes):
    for axis in sorted(ints(axes)):
        x = x.unsqueeze(axis)
    return x


def slice_(x, starts, ends, axes=None, steps=None):
    for i, axis in enumerate(range(len(starts)) if axes is None else ints(axes)):
        step = 1 if steps is None else ints(steps)[i]
        # torch clamps the ends as ONNX does, but takes no negative steps; none is needed.
        index = [slice(None)] * x.dim()
        index[axis] = slice(ints(starts)[i], ints(ends)[i], step)
        x = x[tuple(index)]
    return x


def gather(x, index, axis=0):
    return x[(slice(None),) * axis + (index,)]


def cast(x, to):
    integer = to in (onnx.TensorProto.INT64, onnx.TensorProto.INT32)
    return x.long() if integer else x.double()


def conv(x, weight, bias=None, pads=(0, 0, 0, 0), strides=(1, 1), dilations=(1, 1), group=1, **_):
    top, left, bottom, right = pads
    return F.conv2d(
        F.pad(x, (left, right, top, bottom)), weight, bias, strides, 0, dilations, group
    )


def layer_norm(x, scale, bias=None, axis=-1, epsilon=1e-5, **_):
    return F.layer_norm(x, x.shape[axis:], scale, bias, epsilon)


def gemm(a, b, c=None, alpha=1.0, beta=1.0, transA=0, transB=0):
    product = alpha * (a.T if transA else a) @ (b.T if transB else b)
    return product if c is None else product + beta * c


def resize(x, _roi=None, scales=None, sizes=None, mode=b"nearest", **_):
    assert mode == b"nearest" and scales is not None
    *same, up, across = scales.tolist()
    assert same == [1, 1] and up == across == round(up)
    return x.repeat_interleave(int(up), 2).repeat_interleave(int(across), 3)


def depth_to_space(x, blocksize, mode=b"DCR"):
    assert mode == b"CRD"
    return F.pixel_shuffle(x, blocksize)


OPERATORS = {
    "Add": lambda a, b: a + b,
    "Cast": cast,
    "Clip": lambda x, low, high: x.clamp(float(low), float(high)),
    "Concat": lambda *parts, axis: torch.cat(parts, axis),
    "Constant": lambda value: exact(torch.tensor(numpy_helper.to_array(value))),
    "Conv": conv,
    "Cos": torch.cos,
    "DepthToSpace": depth_to_space,
    # Shape arithmetic divides integers, without a remainder.
    "Div": lambda a, b: a / b if a.is_floating_point() else a // b,
    "Erf": torch.erf,
    "Gather": gather,
    "Gemm": gemm,
    "InstanceNormalization": lambda x, scale, bias, epsilon=1e-5: F.instance_norm(
        x, weight=scale, bias=bias, eps=epsilon
    ),
    "LayerNormalization": layer_norm,
    "MatMul": torch.matmul,
    "Mod": torch.remainder,
    "Mul": lambda a, b: a * b,
    "Pow": torch.pow,
    "Reshape": reshape,
    "Resize": resize,
    "Shape": lambda x: torch.tensor(x.shape),
    "Sigmoid": torch.sigmoid,
    "Sin": torch.sin,
    "Slice": slice_,
    "Softmax": lambda x, axis=-1: torch.softmax(x, axis),
    "Sqrt": torch.sqrt,
    "Sub": lambda a, b: a - b,
    "Transpose": lambda x, perm: x.permute(perm),
    "Trilu": lambda x, k=0, upper=1: (torch.triu if upper else torch.tril)(x, int(k)),
    "Unsqueeze": unsqueeze,
}


class OnnxGraph:
    """A graph with one output."""

    def __init__(self, path: Path):
        self.graph = onnx.load(path).graph
        self.weights = {
            tensor.name: exact(torch.tensor(numpy_helper.to_array(tensor)))
            for tensor in self.graph.initializer
        }

    def __call__(self, *inputs: torch.Tensor) -> torch.Tensor:
        names = [value.name for value in self.graph.input if value.name not in self.weights]
        known = {**self.weights, **dict(zip(names, inputs, strict=True))}
        for node in self.graph.node:
            operator = OPERATORS[node.op_type]
            attributes = {
                attribute.name: onnx.helper.get_attribute_value(attribute)
                for attribute in node.attribute
            }
            arguments = [known[name] if name else None for name in node.input]
            known[node.output[0]] = operator(*arguments, **attributes)
        return known[self.graph.output[0].name]
