import { vjp } from "../autodiff/vjp.ts";
import { checkMemory } from "../networks/check_memory.ts";
import type { DifferentiatedSessions } from "../networks/differentiated_network.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { type PreparedGraph, prepareGraph } from "../networks/prepared_graph.ts";
import type { ClipModel } from "../prompt/clip_model.ts";
import { clipGraph, COMPOSITE, IMAGE_EMBEDS } from "./clip_graph.ts";

/**
 * CLIP's image encoder with its vector-Jacobian product, for P prompts at a time. The sessions are made
 * on first use and stay the diffusion model's; of its own networks none is loaded.
 *
 * @throws {UserError} The encoder is none, or the device has not enough memory for it.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { loadModel } from "../models/load_model.ts";
 * import { openClipModel } from "../models/open_clip.ts";
 * import { clipNetworks } from "./clip_networks.ts";
 *
 * const folder = new URL("../../tests/fixtures/companions/clip", import.meta.url);
 * const clip = await openClipModel(fileURLToPath(folder));
 * await using model = await loadModel("emoji", { device: "cpu", loss: "clip" });
 * const { forward } = await clipNetworks(model, clip, 2);
 * console.assert(forward.inputs[0].shape.join() === "2,3,48,48");
 * ```
 */
export async function clipNetworks(
  model: DiffusionModel,
  clip: ClipModel,
  prompts: number,
): Promise<DifferentiatedSessions> {
  const key = `clip ${clip.sha256} ${prompts}`;
  return await model.keep(key, async ({ backend, recompute, force }) => {
    const { model: vision, externalData } = await clip.graph("vision_model");
    const graph = clipGraph(vision, { prompts, input: clip.input });
    const halves = vjp(graph, { of: IMAGE_EMBEDS, wrt: [COMPOSITE], recompute });
    const prepared = [
      prepareGraph("CLIP image encoder", halves.forward, externalData),
      prepareGraph("CLIP image encoder's derivative", halves.backward, externalData),
    ];
    if (!force) checkMemory(backend, prepared);
    using stack = new DisposableStack();
    const load = async (half: PreparedGraph) => stack.use(await half.load(backend));
    const [forward, backward] = [await load(prepared[0]), await load(prepared[1])];
    const sessions = stack.move();
    return { forward, backward, [Symbol.dispose]: () => sessions.dispose() };
  });
}
