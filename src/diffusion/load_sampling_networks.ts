import type { Session } from "../backend/backend.ts";
import { checkMemory } from "../networks/check_memory.ts";
import { decoderGraph } from "./decoder_graph.ts";
import type { ModelParts } from "./model.ts";
import { prepareGraph } from "../networks/prepared_graph.ts";
import { prepareUnet } from "./prepare_unet.ts";

/** The sessions that make images. */
export interface SamplingNetworks {
  /** For a batch of 2P. */
  readonly unet: Session;
  /** For a batch of P: `latents` → `image`. */
  readonly decoder: Session;
}

/**
 * Loads a model's U-Net and decoder for P prompts at a time.
 *
 * @param latentShape Channels, height and width of one latent.
 * @returns The sessions, which are freed together.
 * @throws {UserError} If there is no decoder, the graphs take batches or latents of another size, or
 * the device has not enough memory for them.
 *
 * @example
 * ```ts
 * import { loadModel } from "../models/load_model.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const { decoder } = await model.samplingNetworks(1, model.imageSize);
 * console.assert(decoder.outputs[0].shape.join() === "1,3,64,64");
 * ```
 */
export async function loadSamplingNetworks(
  parts: ModelParts,
  prompts: number,
  latentShape: ModelParts["latentShape"],
): Promise<SamplingNetworks & Disposable> {
  const { backend, scalingFactor } = parts;
  const { model: vaeDecoder, externalData } = await parts.graph("vae_decoder");
  const graph = decoderGraph(vaeDecoder, { prompts, latentShape, scalingFactor });
  const graphs = {
    unet: await prepareUnet(parts, 2 * prompts, latentShape),
    decoder: prepareGraph("VAE decoder", graph, externalData),
  };
  if (!parts.force) checkMemory(backend, Object.values(graphs));
  using stack = new DisposableStack();
  const unet = stack.use(await graphs.unet.load(backend));
  const decoder = stack.use(await graphs.decoder.load(backend));
  const sessions = stack.move();
  return { unet, decoder, [Symbol.dispose]: () => sessions.dispose() };
}
