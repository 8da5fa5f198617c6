/**
 * The graphs of Stable Diffusion 1's networks without their weights, as `export.py` wrote them.
 *
 * @module
 */
import { brotliDecompressSync } from "node:zlib";
import { type OnnxModel, readModel } from "../../src/onnx/model.ts";

/** Sizes of graphs: the real one, and one narrow enough for tests. */
export const SIZES = ["full", "small"] as const;
/** Exporters whose files these are. */
export const LAYOUTS = ["diffusers", "optimum", "fp16"] as const;
/** Networks, by their folder. */
export const NETWORKS = ["text_encoder", "unet", "vae_encoder", "vae_decoder"] as const;

export type Size = typeof SIZES[number];
export type Layout = typeof LAYOUTS[number];
export type Network = typeof NETWORKS[number];

/** Reads a graph whose initializers lack their bytes. */
export async function readStrippedGraph(
  size: Size,
  layout: Layout,
  network: Network,
): Promise<OnnxModel> {
  const url = new URL(`graphs/${size}/${layout}/${network}.onnx.br`, import.meta.url);
  return readModel(new Uint8Array(brotliDecompressSync(await Deno.readFile(url))), url.pathname);
}
