import { prepareDifferentiated } from "../networks/differentiated_network.ts";
import type { Settings } from "../settings/settings.ts";
import { COMPOSITE, encoderGraph, LATENTS } from "./encoder.ts";
import type { DiffusionModel, PreparedNetworks } from "./model.ts";
import { prepareUnet, type UnetParts } from "./prepare_unet.ts";

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
