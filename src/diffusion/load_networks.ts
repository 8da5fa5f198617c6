import type { Session } from "../backend/backend.ts";
import type { DifferentiatedSessions } from "../networks/differentiated_network.ts";
import { loadTogether, prepareGraph } from "../networks/prepared_graph.ts";
import type { Settings } from "../settings/settings.ts";
import { decoderGraph } from "./decoder.ts";
import { type DiffusionModel, latentShapeOf } from "./model.ts";
import { prepareNetworks, prepareUnet } from "./prepare_networks.ts";

/** The sessions of one optimisation: the U-Net, and the two halves of the encoder. */
export interface Networks extends DifferentiatedSessions {
  /** For a batch of 2P. */
  readonly unet: Session;
}

/**
 * Loads a model's U-Net and its encoder with the encoder's vector-Jacobian product, for P prompts at
 * a time. The sessions are loaded on first use and stay the model's.
 *
 * @throws {UserError} The U-Net takes batches of another size, a graph is not what its name says, or
 * the device has not enough memory for them.
 */
export async function loadNetworks(
  model: DiffusionModel,
  prompts: number,
  posterior: Settings["posterior"],
): Promise<Networks> {
  return await model.keep(`optimisation ${prompts} ${posterior}`, async () => {
    const ready = prompts === 1 && posterior === model.defaults.posterior && model.prepared;
    return await loadTogether(model, ready || await prepareNetworks(model, prompts, posterior));
  });
}

/** The sessions that make images. */
export interface SamplingNetworks {
  /** For a batch of 2P. */
  readonly unet: Session;
  /** For a batch of P: `latents` → `composite`. */
  readonly decoder: Session;
}

/**
 * Loads a model's U-Net and decoder for P prompts at a time. The sessions are loaded on first use and
 * stay the model's.
 *
 * @param size Side of the images in pixels, as {@link latentShapeOf} takes it.
 * @throws {UserError} The model has no decoder, the graphs take batches or latents of another size,
 * or the device has not enough memory for them.
 */
export async function loadSamplingNetworks(
  model: DiffusionModel,
  prompts: number,
  size: number,
): Promise<SamplingNetworks> {
  return await model.keep(`sampling ${prompts} ${size}`, async () => {
    const { scalingFactor } = model;
    const latentShape = latentShapeOf(model, size);
    const { model: vaeDecoder, externalData } = await model.graph("vae_decoder");
    const decoder = decoderGraph(vaeDecoder, { prompts, latentShape, scalingFactor });
    const ready = prompts === 1 && size === model.imageSize && model.prepared;
    return await loadTogether(model, {
      unet: ready ? ready.unet : await prepareUnet(model, 2 * prompts, latentShape),
      decoder: prepareGraph("VAE decoder", decoder, externalData),
    });
  });
}
