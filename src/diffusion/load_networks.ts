import { vjp } from "../autodiff/vjp.ts";
import type { Session } from "../backend/backend.ts";
import { UserError } from "../errors.ts";
import { graphOf, type Model, writeModel } from "../onnx/model.ts";
import { declaration } from "../onnx/value_info.ts";
import type { Settings } from "../settings.ts";
import { encoderGraph, LATENTS, PICTURE } from "./encoder_graph.ts";
import { freeDimensions } from "./free_dimensions.ts";
import type { ModelParts, Networks } from "./model.ts";

/**
 * Loads a model's U-Net, and its encoder with the encoder's vector-Jacobian product, for P prompts
 * at a time.
 *
 * @returns The sessions, which are freed together.
 * @throws {UserError} If the U-Net takes batches of another size, or the encoder is none.
 *
 * @example
 * ```ts
 * import { loadModel } from "../models/load_model.ts";
 *
 * await using model = await loadModel("emoji-64", { device: "cpu" });
 * const { unet } = await model.networks(1, "mean");
 * console.assert(unet.inputs.length === 3);
 * ```
 */
export async function loadNetworks(
  parts: ModelParts,
  prompts: number,
  posterior: Settings["posterior"],
): Promise<Networks & Disposable> {
  const { backend, scalingFactor, pictureSize } = parts;
  const { model: vaeEncoder, externalData } = await parts.graph("vae_encoder");
  const { forward, backward } = vjp(
    encoderGraph(vaeEncoder, { prompts, pictureSize, scalingFactor, posterior }),
    { of: LATENTS, wrt: [PICTURE] },
  );
  using stack = new DisposableStack();
  const load = async (half: Model) =>
    stack.use(await backend.load(writeModel(half), { externalData }));
  const unet = stack.use(await loadUnet(parts, 2 * prompts));
  const encoder = { forward: await load(forward), backward: await load(backward) };
  const sessions = stack.move();
  return { unet, encoder, [Symbol.dispose]: () => sessions.dispose() };
}

/** The U-Net with its free dimensions fixed: ONNX Runtime then keeps every node on the GPU. */
async function loadUnet(
  { backend, graph, latentShape, tokenizer }: ModelParts,
  batch: number,
): Promise<Session> {
  const { bytes, model, externalData } = await graph("unet");
  checkBatch(model, batch);
  const sizes = {
    1: [batch],
    3: [batch, tokenizer.maxLength],
    4: [batch, ...latentShape],
  };
  return await backend.load(bytes, { freeDimensions: freeDimensions(model, sizes), externalData });
}

/** @throws {UserError} The U-Net takes batches of one size, and that is another. */
function checkBatch(unet: Model, batch: number) {
  const { input: inputs, initializer } = graphOf(unet);
  // Old exporters list weights among the inputs.
  const weights = new Set(initializer.map(({ name }) => name));
  for (const input of inputs) {
    const [items, ...others] = declaration(input)?.dimensions ?? [];
    if (
      weights.has(input.name) || others.length === 0 || typeof items !== "number" || items === batch
    ) continue;
    throw new UserError(
      `The U-Net takes a batch of ${items}, ${batch / 2} prompts at once need ${batch}`,
      "give fewer prompts a call, or export the U-Net with a free batch dimension",
    );
  }
}
