import type { DeviceFacts } from "../backend/backend.ts";
import { BatchError, UserError } from "../errors.ts";
import { prepareDifferentiated } from "../networks/differentiated_network.ts";
import { type LoadedGraph, loadUnchanged, type SizesByRank } from "../networks/loaded_graph.ts";
import { type PreparedGraph, prepareGraph } from "../networks/prepared_graph.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { weightMemory } from "../onnx/memory.ts";
import { inputsOf, type OnnxModel } from "../onnx/model.ts";
import { shrinkConstants } from "../onnx/shrink_constants.ts";
import { splitRows } from "../onnx/split_rows.ts";
import { type Declaration, declaration } from "../onnx/value_info.ts";
import type { Settings } from "../settings/settings.ts";
import { COMPOSITE, encoderGraph, LATENTS } from "./encoder.ts";
import type { DiffusionModel, LatentShape, PreparedNetworks } from "./model.ts";

/** Larger attention scores, in bytes, are computed some rows at a time; bench/attention.ts measures the cost. */
const LARGEST_SCORES = 2 ** 26;

/** The parts of a model from which its networks are prepared. */
export type NetworkParts =
  & UnetParts
  & Pick<DiffusionModel, "scalingFactor" | "imageSize" | "latentShape" | "recompute">
  & { readonly graph: (name: "unet" | "vae_encoder") => ReturnType<DiffusionModel["graph"]> };

/**
 * Prepares a model's U-Net and its encoder with the encoder's vector-Jacobian product, for P prompts
 * at a time. No weight is read.
 *
 * @throws {UserError} The U-Net takes batches of another size, or a graph is not what its name says.
 */
export async function prepareNetworks(
  parts: NetworkParts,
  prompts: number,
  posterior: Settings["posterior"],
): Promise<PreparedNetworks> {
  const { scalingFactor, imageSize, recompute } = parts;
  const { model: vaeEncoder, externalData } = await parts.graph("vae_encoder");
  const model = encoderGraph(vaeEncoder, { prompts, imageSize, scalingFactor, posterior });
  const tensors = { of: LATENTS, wrt: COMPOSITE };
  const graphs = { model, externalData, recompute, ...tensors };
  const encoder = prepareDifferentiated("VAE encoder", graphs);
  return { unet: await prepareUnet(parts, 2 * prompts, parts.latentShape), ...encoder };
}

/** The parts of a model from which its U-Net is prepared. The backend's limits suffice. */
export interface UnetParts {
  readonly backend: DeviceFacts;
  readonly graph: (name: "unet") => Promise<LoadedGraph>;
  /** T, the number of tokens that the U-Net takes per prompt. */
  readonly tokenizer: { readonly maxLength: number };
}

/**
 * Prepares a model's U-Net with its free dimensions fixed: ONNX Runtime then keeps every node on the
 * GPU.
 *
 * @param batch Latents at a time, 2P.
 * @throws {UserError} The U-Net takes batches or latents of another size.
 */
export async function prepareUnet(
  { backend, graph, tokenizer }: UnetParts,
  batch: number,
  latentShape: LatentShape,
): Promise<PreparedGraph> {
  const unet = await graph("unet");
  const { model, externalData } = unet;
  const inputs = inputsOf(model).flatMap((input) => declaration(input) ?? []);
  checkBatch(inputs, batch);
  checkSide(inputs, latentShape[1]);
  const sizes = {
    1: [batch],
    3: [batch, tokenizer.maxLength],
    4: [batch, ...latentShape],
  };
  const fixed = withShapes(model, inputs, sizes);
  const limit = Math.min(LARGEST_SCORES, backend.limits.tensor);
  const split = fixed && splitRows(shrinkConstants(fixed), limit);
  if (split && split !== fixed) return prepareGraph("U-Net", split, externalData);
  return {
    name: "U-Net",
    memory: fixed ? prepareGraph("U-Net", fixed, externalData).memory : weightMemory(model),
    // The file itself, where nothing is to be changed.
    load: (backend) => loadUnchanged(backend, unet, sizes),
  };
}

/** Fixes the U-Net's shapes; `undefined` where its operators are such that not all can be inferred. */
function withShapes(
  unet: OnnxModel,
  inputs: readonly Declaration[],
  sizes: SizesByRank,
): OnnxModel | undefined {
  const shapes = inputs.map(({ name, dimensions }): [string, number[]] => {
    const ofRank = sizes[dimensions.length] ?? [];
    return [name, dimensions.map((own, axis) => typeof own === "number" ? own : ofRank[axis])];
  });
  try {
    return fixShapes(unet, Object.fromEntries(shapes));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** @throws {BatchError} The U-Net takes batches of another size only. */
function checkBatch(inputs: readonly Declaration[], batch: number) {
  for (const { dimensions: [items, ...others] } of inputs) {
    if (others.length === 0 || typeof items !== "number" || items === batch) continue;
    throw new BatchError(
      `The U-Net takes a batch of ${items}, ${batch / 2} prompts at once need ${batch}`,
      "give fewer prompts per call, or export the U-Net with a free batch dimension",
    );
  }
}

/** @throws {UserError} The U-Net takes latents of another size only. */
function checkSide(inputs: readonly Declaration[], side: number) {
  const latents = inputs.find(({ dimensions }) => dimensions.length === 4);
  const fixed = latents?.dimensions.slice(2).find((size) => typeof size === "number");
  if (fixed === undefined || fixed === side) return;
  throw new UserError(
    `The U-Net takes latents of ${fixed}×${fixed} only, an image of this size needs ${side}×${side}`,
    "leave the size out for the model's own, or export the U-Net with free height and width",
  );
}
