import type { Backend, DeviceFacts } from "../backend/backend.ts";
import { BatchError, UserError } from "../errors.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { weightMemory } from "../onnx/memory.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import { shrinkConstants } from "../onnx/shrink_constants.ts";
import { splitRows } from "../onnx/split_rows.ts";
import { type Declaration, declaration } from "../onnx/value_info.ts";
import { freeDimensions } from "../networks/free_dimensions.ts";
import type { ModelParts } from "./model.ts";
import { type PreparedGraph, prepareGraph } from "../networks/prepared_graph.ts";

/** Attention scores of more bytes are computed some rows at a time; bench/attention.ts measures the cost. */
const LARGEST_SCORES = 2 ** 26;

/**
 * Prepares a model's U-Net with its free dimensions fixed: ONNX Runtime then keeps every node on the
 * GPU.
 *
 * @param batch Latents at a time, 2P.
 * @param latentShape Channels, height and width of one latent.
 * @throws {UserError} If the U-Net takes batches or latents of another size.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { openModel } from "../models/open_model.ts";
 * import { createTokenizer } from "../prompt/tokenize.ts";
 * import { prepareUnet } from "./prepare_unet.ts";
 *
 * await using backend = await createCpuBackend();
 * const { graph, tokenizer: files } = await openModel("emoji");
 * const tokenizer = await createTokenizer(files);
 * const unet = await prepareUnet({ backend, graph, tokenizer }, 2, [4, 16, 16]);
 * using session = await unet.load(backend);
 * console.assert(session.inputs.length === 3);
 * ```
 */
export async function prepareUnet(
  { backend, graph, tokenizer }: Pick<ModelParts, "graph"> & {
    readonly tokenizer: Pick<ModelParts["tokenizer"], "maxLength">;
    readonly backend: DeviceFacts;
  },
  batch: number,
  latentShape: ModelParts["latentShape"],
): Promise<PreparedGraph> {
  const { bytes, model, externalData } = await graph("unet");
  const inputs = inputsOf(model);
  checkBatch(inputs, batch);
  checkSide(inputs, latentShape[1]);
  const sizes: Record<number, readonly number[]> = {
    1: [batch],
    3: [batch, tokenizer.maxLength],
    4: [batch, ...latentShape],
  };
  const fixed = withShapes(model, inputs, sizes);
  const limit = Math.min(LARGEST_SCORES, backend.limits.tensor);
  const split = fixed && splitRows(shrinkConstants(fixed), limit);
  if (split && split !== fixed) return prepareGraph("U-Net", split, externalData);
  // The file itself, where nothing is to be changed.
  const options = { freeDimensions: freeDimensions(model, sizes), externalData };
  return {
    name: "U-Net",
    memory: fixed ? prepareGraph("U-Net", fixed, externalData).memory : weightMemory(model),
    load: (backend: Backend) => backend.load(bytes, options),
  };
}

/** The U-Net with fixed shapes, unless its operators are such that not all of them can be inferred. */
function withShapes(
  unet: OnnxModel,
  inputs: readonly Declaration[],
  sizes: Readonly<Record<number, readonly number[]>>,
): OnnxModel | undefined {
  const shapes = inputs.map(({ name, dimensions }): [string, number[]] => {
    const size = sizes[dimensions.length] ?? [];
    return [name, dimensions.map((own, axis) => typeof own === "number" ? own : size[axis])];
  });
  try {
    return fixShapes(unet, Object.fromEntries(shapes));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** What must be fed; old exporters list weights among the inputs. */
function inputsOf(unet: OnnxModel): Declaration[] {
  const { input: inputs, initializer } = graphOf(unet);
  const weights = new Set(initializer.map(({ name }) => name));
  return inputs.filter(({ name }) => !weights.has(name)).flatMap((input) =>
    declaration(input) ?? []
  );
}

/** @throws {UserError} The U-Net takes batches of one size, and that is another. */
function checkBatch(inputs: readonly Declaration[], batch: number) {
  for (const { dimensions: [items, ...others] } of inputs) {
    if (others.length === 0 || typeof items !== "number" || items === batch) continue;
    throw new BatchError(
      `The U-Net takes a batch of ${items}, ${batch / 2} prompts at once need ${batch}`,
      "give fewer prompts per call, or export the U-Net with a free batch dimension",
    );
  }
}

/** @throws {UserError} The U-Net takes latents of one size, and that is another. */
function checkSide(inputs: readonly Declaration[], side: number) {
  const latents = inputs.find(({ dimensions }) => dimensions.length === 4);
  const fixed = latents?.dimensions.slice(2).find((size) => typeof size === "number");
  if (fixed === undefined || fixed === side) return;
  throw new UserError(
    `The U-Net takes latents of ${fixed}×${fixed} only, an image of this size needs ${side}×${side}`,
    "leave the size out for the model's own, or export the U-Net with free height and width",
  );
}
