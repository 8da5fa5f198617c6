import { vjp } from "../autodiff/vjp.ts";
import { type Model, writeModel } from "../onnx/model.ts";
import type { Settings } from "../settings.ts";
import { encoderGraph, LATENTS, PICTURE } from "./encoder_graph.ts";
import { loadUnet } from "./load_unet.ts";
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
  const unet = stack.use(await loadUnet(parts, 2 * prompts, parts.latentShape));
  const encoder = { forward: await load(forward), backward: await load(backward) };
  const sessions = stack.move();
  return { unet, encoder, [Symbol.dispose]: () => sessions.dispose() };
}
