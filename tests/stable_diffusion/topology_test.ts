import assert from "node:assert/strict";
import { describeGraph } from "../../src/models/describe_graph.ts";
import { graphOf, type Model, opsetOf } from "../../src/onnx/model.ts";
import { sizeOf } from "../../src/onnx/value.ts";
import { type Layout, LAYOUTS, type Network, NETWORKS, readStrippedGraph } from "./graphs.ts";
import { parameterOf } from "./parameter.ts";

/** Sizes of a graph's parameters by PyTorch's name. */
function parameters(model: Model): Map<string, number> {
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
