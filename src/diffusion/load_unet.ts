import type { Session } from "../backend/backend.ts";
import { UserError } from "../errors.ts";
import { graphOf, type Model } from "../onnx/model.ts";
import { type Declaration, declaration } from "../onnx/value_info.ts";
import { freeDimensions } from "./free_dimensions.ts";
import type { ModelParts } from "./model.ts";

/**
 * Loads a model's U-Net with its free dimensions fixed: ONNX Runtime then keeps every node on the
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
 * import { loadUnet } from "./load_unet.ts";
 *
 * await using backend = await createCpuBackend();
 * const { graph, tokenizer: files } = await openModel("emoji-64");
 * const tokenizer = await createTokenizer(files);
 * using unet = await loadUnet({ backend, graph, tokenizer }, 2, [4, 16, 16]);
 * console.assert(unet.inputs.length === 3);
 * ```
 */
export async function loadUnet(
  { backend, graph, tokenizer }: Pick<ModelParts, "backend" | "graph" | "tokenizer">,
  batch: number,
  latentShape: ModelParts["latentShape"],
): Promise<Session> {
  const { bytes, model, externalData } = await graph("unet");
  const inputs = inputsOf(model);
  checkBatch(inputs, batch);
  checkSide(inputs, latentShape[1]);
  const sizes = {
    1: [batch],
    3: [batch, tokenizer.maxLength],
    4: [batch, ...latentShape],
  };
  return await backend.load(bytes, { freeDimensions: freeDimensions(model, sizes), externalData });
}

/** What must be fed; old exporters list weights among the inputs. */
function inputsOf(unet: Model): Declaration[] {
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
    throw new UserError(
      `The U-Net takes a batch of ${items}, ${batch / 2} prompts at once need ${batch}`,
      "give fewer prompts a call, or export the U-Net with a free batch dimension",
    );
  }
}

/** @throws {UserError} The U-Net takes latents of one size, and that is another. */
function checkSide(inputs: readonly Declaration[], side: number) {
  const latents = inputs.find(({ dimensions }) => dimensions.length === 4);
  const fixed = latents?.dimensions.slice(2).find((size) => typeof size === "number");
  if (fixed === undefined || fixed === side) return;
  throw new UserError(
    `The U-Net takes latents of ${fixed}×${fixed} only, a picture of this size needs ${side}×${side}`,
    "leave the size out for the model's own, or export the U-Net with free height and width",
  );
}
