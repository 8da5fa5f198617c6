/**
 * Writes docs/memory.md, the GPU memory that Stable Diffusion takes, estimated from the stand-ins'
 * graphs: `deno task memory`.
 *
 * @module
 */
import { RECOMPUTE } from "../src/autodiff/recompute.ts";
import type { GraphName } from "../src/diffusion/model.ts";
import { estimateMemory, fittingCard, OVERHEAD } from "../src/diffusion/estimate_memory.ts";
import type { GraphFile } from "../src/models/graph_file.ts";
import { atPrecision } from "../src/models/precision.ts";
import { graphOf } from "../src/onnx/model.ts";
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from "../src/onnx/proto/onnx_pb.ts";
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { type Layout, readStrippedGraph } from "../tests/stable_diffusion/graphs.ts";
import { parameterOf } from "../tests/stable_diffusion/parameter.ts";

/** Rows of the table: the graphs, and the precision of the U-Net. */
const MODELS: readonly { name: string; layout: Layout; precision: "fp32" | "fp16" }[] = [
  { name: "Stable Diffusion 1", layout: "optimum", precision: "fp32" },
  { name: "Stable Diffusion 1, float16", layout: "fp16", precision: "fp16" },
  { name: "Stable Diffusion 1, float16", layout: "fp16", precision: "fp32" },
];
const PROMPTS = [1, 2, 4];

/** A graph of a stand-in, with its weights in a file that nothing reads. */
async function graphOfStandIn(layout: Layout, network: GraphName): Promise<GraphFile> {
  const model = await readStrippedGraph("full", layout, network);
  for (const tensor of graphOf(model).initializer) {
    if (!parameterOf(tensor)) continue;
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    const entry = { key: "location", value: "weights.pb" };
    tensor.externalData = [create(StringStringEntryProtoSchema, entry)];
  }
  return { path: `${network}/model.onnx`, bytes: new Uint8Array(), model, externalData: [] };
}

/** The text of the page. */
export async function memoryPage(): Promise<string> {
  // Without a limit, only the models decide.
  const limits = { tensor: Infinity, total: undefined };
  const backend = { device: "webgpu", float16: true, limits } as const;
  const rows: string[] = [];
  for (const { name, layout, precision } of MODELS) {
    const graph = async (network: GraphName) => {
      const file = await graphOfStandIn(layout, network);
      return atPrecision(file, network, precision === "fp16" ? "auto" : precision, backend);
    };
    for (const recompute of RECOMPUTE) {
      for (const prompts of PROMPTS) {
        const estimate = await estimateMemory(
          {
            backend,
            graph,
            tokenizer: { maxLength: 77 },
            scalingFactor: 0.18215,
            imageSize: 512,
            latentShape: [4, 64, 64],
            recompute,
          },
          prompts,
          "sample",
        );
        const { weights, activations, residuals, total, largest } = estimate;
        const sizes = [weights, activations, residuals, largest, total, total * OVERHEAD];
        const card = fittingCard(estimate);
        const cells = [name, precision, recompute, prompts, ...sizes.map(gibibytes), `${card} GB`];
        rows.push(`| ${cells.join(" | ")} |`);
      }
    }
  }
  return `${HEAD}${rows.join("\n")}\n`;
}

const gibibytes = (bytes: number) => (bytes / 2 ** 30).toFixed(2);

const HEAD = `# GPU memory

The memory of \`segment\` with Stable Diffusion 1 at 512², in GiB. \`deno task memory\` estimates it from the graphs of the stand-ins: shapes decide, weights are not read. \`segment --dry-run\` and \`doctor --model <id>\` print the same for any model.

- _weights_: all networks; the two halves of the encoder count the weights that both read twice
- _running_: the most that one network needs at once, residuals included
- _residuals_: values that wait from the encoder's forward half for its backward half
- _largest_: the largest tensor
- _peak_: ${OVERHEAD} times weights and running together. That is the ratio measured on a software GPU (8.1 GiB of buffers where the graphs say 5.2), because ONNX Runtime keeps and pads buffers
- _card_: the smallest usual card that holds the peak

The text encoder runs on the processor and takes no GPU memory. Prompts that do not fit at once run one after another, with the same masks.

| model | U-Net | recompute | prompts | weights | running | residuals | largest | total | peak | card |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
`;

if (import.meta.main) {
  const url = new URL("../docs/memory.md", import.meta.url);
  await Deno.writeTextFile(url, await memoryPage());
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", url.pathname] }).output();
}
