/**
 * Stand-ins for Stable Diffusion 1: exact in topology, file format and layout, with seeded random
 * weights in place of a download.
 *
 * @module
 */
import { join } from "node:path";
import { type Layout, NETWORKS, readStrippedGraph, type Size } from "./graphs.ts";
import { configFiles } from "./config_files.ts";
import { writeGraph } from "./write_graph.ts";

/** Options of {@link writeStandIn}. */
export interface StandInOptions {
  /** `full` is 4.3 GB in float32, `small` 106 MB; half of that in fp16. */
  readonly size: Size;
  /** The exporter whose files it has. */
  readonly layout: Layout;
  /**
   * Side of the latents, an eighth of the images'. The default is Stable Diffusion's 64; the graphs
   * take any.
   */
  readonly sampleSize?: number | undefined;
}

/** Files that the exporters keep a U-Net's weights in. */
const SIDECARS: Record<Layout, string> = {
  diffusers: "weights.pb",
  fp16: "weights.pb",
  optimum: "model.onnx_data",
};

/** CLIP's tokenizer, reduced to the merges that the tests' prompts use: ids are the real ones. */
const TOKENIZER = new URL("../golden/tokenizer/clip/", import.meta.url);

/** Texts of the tokenizer's files. */
export async function readTokenizer(): Promise<Record<string, string>> {
  const names = ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"];
  const read = async (name: string) => [name, await Deno.readTextFile(new URL(name, TOKENIZER))];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/** Writes a stand-in as a model folder. */
export async function writeStandIn(folder: string, options: StandInOptions): Promise<void> {
  const { size, layout } = options;
  for (const network of NETWORKS) {
    const sidecar = network === "unet" ? SIDECARS[layout] : undefined;
    const model = await readStrippedGraph(size, layout, network);
    await writeGraph(join(folder, network), model, sidecar);
  }
  for (const [path, config] of Object.entries(configFiles(options))) {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, path), JSON.stringify(config, null, 2) + "\n");
  }
  await Deno.mkdir(join(folder, "tokenizer"), { recursive: true });
  for (const [name, text] of Object.entries(await readTokenizer())) {
    await Deno.writeTextFile(join(folder, "tokenizer", name), text);
  }
}
