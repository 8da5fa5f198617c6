"""Writes ONNX's node tests with directional derivatives, for `deno task conformance`.

    python tests/golden/conformance.py FOLDER [--sample N FILE]

needs onnx and safetensors. ONNX publishes a test for every operator and most of its attributes. Those
with a float input and a float output go to FOLDER/conformance.safetensors: per test `<test>/model` (the
ONNX file), `<test>/input/<name>` with the test's values, `<test>/of/<output>` (the cotangent v of one
output) and `<test>/value/<output>` (its value), and for each float input `<test>/along/<name>` (a direction u) and `<test>/right/<name>`, the
derivative ⟨v, J u⟩ and its own error, by central differences of ONNX's reference evaluator in float64, at
the step size where neighbours agree best. `<test>/constant` is the model with the inputs as constants that are no floats, or decide a shape. `--sample` writes N tests, evenly over operators, to FILE as well.
"""

import argparse
import json
import pathlib
import warnings
import zlib

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.loader import load_model_tests
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import save_file

warnings.filterwarnings("ignore")
FLOATS = {TensorProto.FLOAT: np.float32, TensorProto.FLOAT16: np.float16, TensorProto.DOUBLE: np.float64}
# Elements of the largest input: central differences of more take minutes for some operators.
LARGEST = 200_000


def element_type(info):
    return info.type.tensor_type.elem_type if info.type.HasField("tensor_type") else None


def in_float64(model):
    """The model with every float of 64 bits: inputs, constants, casts and subgraphs."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)

    def widen_tensor(tensor):
        if tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            values = numpy_helper.to_array(tensor).astype(np.float64)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))

    def widen_graph(graph):
        for tensor in graph.initializer:
            widen_tensor(tensor)
        for info in [*graph.input, *graph.output, *graph.value_info]:
            if element_type(info) in (TensorProto.FLOAT, TensorProto.FLOAT16):
                info.type.tensor_type.elem_type = TensorProto.DOUBLE
        widen_nodes(graph.node)

    def widen_nodes(nodes):
        for node in nodes:
            for attribute in node.attribute:
                if attribute.HasField("t"):
                    widen_tensor(attribute.t)
                if attribute.HasField("g"):
                    widen_graph(attribute.g)
                is_type = node.op_type in ("Cast", "EyeLike", "RandomNormal") and attribute.name in ("to", "dtype")
                if is_type and attribute.i in (TensorProto.FLOAT, TensorProto.FLOAT16):
                    attribute.i = TensorProto.DOUBLE

    widen_graph(wide.graph)
    for function in wide.functions:
        widen_nodes(function.node)
    return wide


def derivative(evaluator, feeds, of, name, cotangent, direction):
    """⟨v, J u⟩ by central differences, and how much two step sizes differ."""

    def along(step):
        there = {**feeds, name: feeds[name] + step * direction}
        return float((evaluator.run([of], there)[0].astype(np.float64) * cotangent).sum())

    # A large step is far from the tangent; a small one meets rounding, where an operator of the
    # evaluator computes in float32. Two neighbours that agree are neither.
    steps = (1e-3, 2e-4, 4e-5, 8e-6)
    estimates = [(along(h) - along(-h)) / (2 * h) for h in steps]
    doubts = [abs(a - b) for a, b in zip(estimates, estimates[1:])]
    best = int(np.argmin(doubts))
    # At a kink, one side has another slope than the other.
    h = steps[best]
    sides = [(along(s * h) - along(0)) / (s * h) for s in (1, -1)]
    return estimates[best], max(doubts[best], abs(sides[0] - sides[1]) - 10 * h)


# Float inputs that decide a shape, by operator: exporters write them as constants, too.
SHAPING = {"Resize": (1, 2), "Upsample": (1,)}


def shaping(model):
    """Names of float inputs that decide a shape."""
    return {
        node.input[i]
        for node in model.graph.node
        for i in SHAPING.get(node.op_type, ())
        if i < len(node.input) and node.input[i]
    }


def with_constants(model, arrays):
    """The model with its integer inputs as constants, as exporters write axes, shapes and the like."""
    names = [info.name for info in model.graph.input]
    whole = [n for n in names if arrays[n].dtype.kind in "iub" or n in shaping(model)]
    if not whole:
        return None
    constant = onnx.ModelProto()
    constant.CopyFrom(model)
    kept = [info for info in constant.graph.input if info.name not in whole]
    del constant.graph.input[:]
    constant.graph.input.extend(kept)
    for name in whole:
        constant.graph.initializer.append(numpy_helper.from_array(arrays[name], name))
    return constant


def beside_its_kink(model, arrays):
    """Whether the evaluator takes x for |x|, which at 0 has no kink, as in LpNormalization with p = 1."""
    return any(
        node.op_type == "LpNormalization"
        and any(a.name == "p" and a.i == 1 for a in node.attribute)
        and (arrays[node.input[0]] == 0).any()
        for node in model.graph.node
    )


def to_array(value):
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)


def prepared(test):
    """A test's tensors by name, or why it is left out."""
    model, (inputs, _) = test.model, test.data_sets[0]
    graph = model.graph
    if any(element_type(info) is None for info in [*graph.input, *graph.output]):
        return "sequences or optional values"
    names = [info.name for info in graph.input]
    floats = [info.name for info in graph.input if element_type(info) in FLOATS]
    of = next((info.name for info in graph.output if element_type(info) in FLOATS), None)
    if not floats or of is None:
        return "no float input or output"
    arrays = {name: to_array(value) for name, value in zip(names, inputs)}
    if set(names) != set(arrays):
        return "inputs without values"
    if max((a.size for a in arrays.values()), default=0) > LARGEST:
        return "too large"
    if beside_its_kink(model, arrays):
        return "the evaluator takes x for |x|"
    rng = np.random.default_rng(zlib.crc32(test.name.encode()))
    feeds = {n: a.astype(np.float64) if n in floats else a for n, a in arrays.items()}
    try:
        evaluator = ReferenceEvaluator(in_float64(model))
        y = evaluator.run([of], feeds)[0]
    except Exception as error:  # noqa: BLE001, the evaluator raises anything
        return f"the evaluator: {type(error).__name__}"
    if y.dtype != np.float64:
        return "the evaluator does not compute in float64"
    cotangent = rng.standard_normal(y.shape)
    tensors = {"model": np.frombuffer(model.SerializeToString(), np.uint8).copy()}
    for name, array in arrays.items():
        if array.dtype.kind == "f":
            stored = array.astype(np.float32)
        elif array.dtype.kind == "b":
            stored = array.astype(np.uint8)
        elif array.dtype.kind in "iu":
            stored = array.astype(np.int64)
        else:
            return "strings"
        # Not np.ascontiguousarray, which makes vectors of scalars.
        tensors[f"input/{name}"] = np.require(stored, requirements="C")
    tensors[f"of/{of}"] = cotangent.astype(np.float32)
    tensors[f"value/{of}"] = y.astype(np.float32)
    if constant := with_constants(model, arrays):
        tensors["constant"] = np.frombuffer(constant.SerializeToString(), np.uint8).copy()
    kept = 0
    for name in floats:
        if name in shaping(model):
            continue
        direction = rng.standard_normal(feeds[name].shape)
        try:
            right, doubt = derivative(evaluator, feeds, of, name, cotangent, direction)
        except Exception:  # noqa: BLE001
            continue
        # Kinks, values that are not finite, and rounding leave no derivative to compare with.
        if not np.isfinite(right) or doubt > 1e-3 * (1 + abs(right)):
            continue
        tensors[f"along/{name}"] = direction.astype(np.float32)
        tensors[f"right/{name}"] = np.float32([right, doubt])
        kept += 1
    return tensors if kept else "no derivative in float64"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--sample", nargs=2, metavar=("N", "FILE"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    made, left_out, operators = {}, {}, {}
    tests = {test.name: test for test in load_model_tests(kind="node")}
    for test in tests.values():
        # A test whose operator is written out as its function belongs to that operator.
        base = tests.get(test.name.split("_expanded")[0], test)
        nodes = [node.op_type for node in base.model.graph.node if node.op_type != "Constant"]
        operators[test.name.removeprefix("test_")] = nodes[0] if nodes else "Constant"
        result = prepared(test)
        if isinstance(result, str):
            left_out[result] = left_out.get(result, 0) + 1
        else:
            made[test.name.removeprefix("test_")] = result
    path = options.folder / "conformance.safetensors"
    save_file(flat(made), path, metadata(made, operators))
    print(f"{len(made)} tests, {path.stat().st_size} bytes; left out: {left_out}")
    if options.sample:
        count, file = int(options.sample[0]), pathlib.Path(options.sample[1])
        small = [name for name, t in made.items() if sum(a.nbytes for a in t.values()) < 8_000]
        chosen = {name: made[name] for name in small[:: max(1, len(small) // count)][:count]}
        save_file(flat(chosen), file, metadata(chosen, operators))
        print(f"{len(chosen)} tests, {file.stat().st_size} bytes: {file}")


def metadata(tests, operators):
    return {"onnx": onnx.__version__, "operators": json.dumps({name: operators[name] for name in tests})}


def flat(tests):
    return {f"{test}/{key}": array for test, tensors in tests.items() for key, array in tensors.items()}


main()
