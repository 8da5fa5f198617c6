import type { DeviceFacts } from "../backend/backend.ts";
import { vjp } from "../autodiff/vjp.ts";
import type { Settings } from "../settings/settings.ts";
import { checkMemory } from "../networks/check_memory.ts";
import { COMPOSITE, encoderGraph, LATENTS } from "./encoder_graph.ts";
import type { ModelParts, Networks } from "./model.ts";
import { type PreparedGraph, prepareGraph } from "../networks/prepared_graph.ts";
import { prepareUnet } from "./prepare_unet.ts";

/** The graphs of one optimisation, ready to be loaded. */
export interface PreparedNetworks {
  /** For a batch of 2P. */
  readonly unet: PreparedGraph;
  /** x̂ → z and the residuals. */
  readonly forward: PreparedGraph;
  /** Residuals and z̄ → x̂̄. */
  readonly backward: PreparedGraph;
}

/** The parts of a model that its graphs are prepared from. The backend's limits suffice. */
export type PreparationParts =
  & Pick<ModelParts, "graph" | "scalingFactor" | "imageSize" | "latentShape">
  & Pick<ModelParts, "recompute" | "force">
  & {
    readonly backend: DeviceFacts;
    readonly tokenizer: Pick<ModelParts["tokenizer"], "maxLength">;
  };

/**
 * Prepares a model's U-Net, and its encoder with the encoder's vector-Jacobian product, for P prompts
 * at a time.
 *
 * @throws {UserError} If the U-Net takes batches of another size, the encoder is none, or the device
 * has not enough memory for them.
 */
export async function prepareNetworks(
  parts: PreparationParts,
  prompts: number,
  posterior: Settings["posterior"],
): Promise<PreparedNetworks> {
  const { scalingFactor, imageSize } = parts;
  const { model: vaeEncoder, externalData } = await parts.graph("vae_encoder");
  const { forward, backward } = vjp(
    encoderGraph(vaeEncoder, { prompts, imageSize, scalingFactor, posterior }),
    { of: LATENTS, wrt: [COMPOSITE], recompute: parts.recompute },
  );
  const prepared = {
    unet: await prepareUnet(parts, 2 * prompts, parts.latentShape),
    forward: prepareGraph("VAE encoder", forward, externalData),
    backward: prepareGraph("VAE encoder's derivative", backward, externalData),
  };
  if (!parts.force) checkMemory(parts.backend, Object.values(prepared));
  return prepared;
}

/**
 * Loads a model's U-Net, and its encoder with the encoder's vector-Jacobian product, for P prompts
 * at a time.
 *
 * @returns The sessions, which are freed together.
 * @throws {UserError} As {@link prepareNetworks} does.
 *
 * @example
 * ```ts
 * import { loadModel } from "../models/load_model.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const { unet } = await model.networks(1, "mean");
 * console.assert(unet.inputs.length === 3);
 * ```
 */
export async function loadNetworks(
  parts: ModelParts,
  prompts: number,
  posterior: Settings["posterior"],
): Promise<Networks & Disposable> {
  const graphs = await prepareNetworks(parts, prompts, posterior);
  using stack = new DisposableStack();
  const load = async (graph: PreparedGraph) => stack.use(await graph.load(parts.backend));
  const unet = await load(graphs.unet);
  const encoder = { forward: await load(graphs.forward), backward: await load(graphs.backward) };
  const sessions = stack.move();
  return { unet, encoder, [Symbol.dispose]: () => sessions.dispose() };
}
