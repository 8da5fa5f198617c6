import assert from "node:assert/strict";
import { describeGraph } from "../../src/models/model_geometry.ts";
import { fixShapes } from "../../src/onnx/fix_shapes.ts";
import { float32Ports, hasFloat16, widen } from "../../src/onnx/float_types.ts";
import { Graph } from "../../src/onnx/graph.ts";
import { bytesOf, graphMemory } from "../../src/onnx/memory.ts";
import { graphOf, type OnnxModel, opsetOf } from "../../src/onnx/model.ts";
import { OpBuilder } from "../../src/onnx/op_builder.ts";
import { shrinkConstants } from "../../src/onnx/shrink_constants.ts";
import { splitRows } from "../../src/onnx/split_rows.ts";
import { tensorType } from "../../src/onnx/tensor.ts";
import { sizeOf } from "../../src/onnx/value.ts";
import { type Layout, LAYOUTS, type Network, NETWORKS, readStrippedGraph } from "./graphs.ts";
import { parameterOf } from "./parameter.ts";

/** Sizes of a graph's parameters by PyTorch's name. */
function parameters(model: OnnxModel): Map<string, number> {
  const found = graphOf(model).initializer.flatMap((tensor) => parameterOf(tensor) ?? []);
  return new Map(found.map(({ name, shape }) => [name, sizeOf(shape)]));
}

const total = (sizes: Map<string, number>) => sizes.values().reduce((a, b) => a + b, 0);

for (const layout of LAYOUTS) {
  Deno.test(`${layout}: the full graphs have Stable Diffusion 1.4's parameters`, async () => {
    const read = async (network: Network) =>
      parameters(await readStrippedGraph("full", layout, network));
    assert.equal(total(await read("text_encoder")), 123_060_480);
    const unet = await read("unet");
    assert.equal(total(unet), 859_520_964);
    const blocks = unet.keys().map((name) => name.match(/^.*transformer_blocks\.\d+/)?.[0]);
    assert.equal(new Set(blocks.filter((name) => name !== undefined)).size, 16);
    const vae = new Map([...await read("vae_encoder"), ...await read("vae_decoder")]);
    assert.equal(total(vae), 83_653_863);
  });
}

/** Inputs and outputs as element type and shape; `-` is a free dimension. */
const PORTS: Record<Layout, Record<Network, readonly [inputs: string[], outputs: string[]]>> = {
  diffusers: {
    text_encoder: [["int32 -,-"], ["float32 -,-,768", "float32 -,768"]],
    unet: [["float32 -,-,-,-", "int64 -", "float32 -,-,768"], ["float32 -,4,-,-"]],
    vae_encoder: [["float32 -,-,-,-"], ["float32 -,-,-,-"]],
    vae_decoder: [["float32 -,-,-,-"], ["float32 -,3,-,-"]],
  },
  optimum: {
    text_encoder: [["int32 -,-"], ["float32 -,-,768", "float32 -,768"]],
    unet: [["float32 -,4,-,-", "int64 ", "float32 -,-,768"], ["float32 -,4,-,-"]],
    vae_encoder: [["float32 -,3,-,-"], ["float32 -,8,-,-"]],
    vae_decoder: [["float32 -,4,-,-"], ["float32 -,3,-,-"]],
  },
  fp16: {
    text_encoder: [["int32 -,-"], ["float16 -,-,768", "float16 -,768"]],
    unet: [["float16 -,-,-,-", "float16 -", "float16 -,-,768"], ["float16 -,4,-,-"]],
    vae_encoder: [["float16 -,-,-,-"], ["float16 -,-,-,-"]],
    vae_decoder: [["float16 -,-,-,-"], ["float16 -,3,-,-"]],
  },
};

for (const layout of LAYOUTS) {
  Deno.test(`${layout}: the graphs take and give what its exporter writes`, async () => {
    for (const network of NETWORKS) {
      const model = await readStrippedGraph("full", layout, network);
      const { inputs, outputs } = describeGraph(model);
      const [ins, outs] = [inputs, outputs].map((ports) =>
        ports.map(({ dtype, shape }) =>
          `${dtype} ${shape.map((size) => typeof size === "number" ? size : "-")}`
        )
      );
      assert.deepEqual([ins, outs], PORTS[layout][network], network);
      assert.equal(opsetOf(model), layout === "optimum" ? 18 : 14);
      const sampled = graphOf(model).node.some(({ opType }) => opType === "RandomNormalLike");
      assert.equal(sampled, network === "vae_encoder" && layout !== "optimum");
    }
  });
}

/**
 * Stable Diffusion's largest attention as diffusers' converter wrote it with PyTorch of 2022: scores of
 * `baddbmm(empty, q, kᵀ, beta=0, alpha=scale)`, a softmax in float32 whatever the network computes in.
 */
function attentionOf2022(dtype: "float32" | "float16"): OnnxModel {
  const g = new OpBuilder({ opset: 14 });
  const input = (name: string) => g.addInput({ name, dtype, shape: [16, 4096, 40] });
  const [q, k, v] = ["query", "key", "value"].map(input);
  const shape = g.constant("int64", [3], [16, 4096, 4096]);
  const empty = g.cast(g.emit("ConstantOfShape", [shape]), dtype);
  const products = g.matMul(q, g.transpose(k, [0, 2, 1]));
  const scaled = g.mul(products, g.scalar(40 ** -0.5, products));
  const scores = g.add(g.mul(empty, g.scalar(0, empty)), scaled);
  const weights = g.emit("Softmax", [g.cast(scores, "float32")], { axis: -1 });
  return g.build([g.rename(g.matMul(g.cast(weights, dtype), v), "attended")]);
}

for (const dtype of ["float32", "float16"] as const) {
  Deno.test(`attention as the exporters of 2022 wrote it is split, in ${dtype}`, () => {
    const fixed = fixShapes(attentionOf2022(dtype));
    const split = splitRows(shrinkConstants(fixed), 2 ** 26);
    const largest = (model: OnnxModel) => graphMemory(Graph.from(model), ["attended"]).largest;
    assert.equal(largest(fixed).bytes, 2 ** 30);
    const { name, bytes } = largest(split);
    assert.ok(bytes <= 2 ** 26, `${name}: ${bytes}`);
  });
}

/** Operators that leave an input's numbers as they are. */
const MOVES = new Set(["Cast", "Identity", "Reshape", "Transpose", "Unsqueeze", "Squeeze"]);
/** First operators of a layer normalisation: the operator itself, or the first of its parts. */
const NORMALIZES = new Set(["LayerNormalization", "ReduceMean"]);

/** The operators that read a graph's inputs, but for those that only move numbers. */
function firstOperators(model: OnnxModel): Set<string> {
  const { input, initializer, node } = graphOf(model);
  const weights = new Set(initializer.map(({ name }) => name));
  const moved = new Set(input.map(({ name }) => name).filter((name) => !weights.has(name)));
  const readers = new Set<string>();
  for (const { opType, input: [first, ...others], output: [name] } of node) {
    if (MOVES.has(opType) && moved.has(first)) moved.add(name);
    else if ([first, ...others].some((one) => moved.has(one))) readers.add(opType);
  }
  return readers;
}

Deno.test("no layer normalisation reads the cast of an input that was widened", async () => {
  for (const network of NETWORKS) {
    const half = await readStrippedGraph("small", "fp16", network);
    for (const tensor of graphOf(half).initializer) {
      if (parameterOf(tensor)) tensor.rawData = new Uint8Array(bytesOf(tensorType(tensor)));
    }
    assert.ok(hasFloat16(half) && !hasFloat16(widen(half)), network);
    const readers = firstOperators(float32Ports(half));
    assert.ok(readers.size > 0, network);
    assert.deepEqual([...readers].filter((name) => NORMALIZES.has(name)), [], network);
  }
});
