import { UserError } from "../errors.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { COMPOSITE, LATENTS } from "./encoder_graph.ts";

/** What a decoder's graph is made for. */
export interface DecoderGraphOptions {
  /** P. */
  readonly prompts: number;
  /** Shape of one latent. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
  /** s, the latents' scale. */
  readonly scalingFactor: number;
}

/**
 * The stage *decode* as one graph, x = (D(z/s) + 1) / 2, around a VAE decoder as any exporter wrote
 * it: from `latents` (P, C, h, w) to `image` (P, 3, H, W), 0..1 but for a decoder's overshoot.
 *
 * @throws {UserError} The graph is no VAE decoder, or takes latents of another shape.
 *
 * @example
 * ```ts
 * import { graphOf, readModel } from "../onnx/model.ts";
 * import { decoderGraph } from "./decoder_graph.ts";
 *
 * const url = new URL("../../models/emoji/vae_decoder/model.onnx", import.meta.url);
 * const options = { prompts: 1, latentShape: [4, 16, 16], scalingFactor: 0.724 } as const;
 * const model = decoderGraph(readModel(await Deno.readFile(url)), options);
 * console.assert(graphOf(model).output[0].name === "composite");
 * ```
 */
export function decoderGraph(vaeDecoder: OnnxModel, options: DecoderGraphOptions): OnnxModel {
  const { prompts: P, latentShape, scalingFactor } = options;
  const weights = new Set(graphOf(vaeDecoder).initializer.map(({ name }) => name));
  const inputs = graphOf(vaeDecoder).input.filter(({ name }) => !weights.has(name));
  if (inputs.length !== 1) throw refused(`takes ${inputs.length} inputs`);
  const [{ name }] = inputs;
  const shape = [P, ...latentShape];
  const model = fixShapes(vaeDecoder, { [name]: shape });
  const graph = graphOf(model);
  const { dtype } = OpBuilder.from(model).value(name);
  if (dtype !== "float32") throw refused(`takes ${dtype}`);

  const g = new OpBuilder(model);
  g.reserve([...graph.node.flatMap(({ output }) => output), ...weights]);
  for (const tensor of graph.initializer) g.addInitializer(tensor);
  const latents = g.addInput({ name: LATENTS, dtype, shape });
  // z / s
  g.alias(g.mul(latents, g.scalar(1 / scalingFactor, latents)), name);
  for (const node of graph.node) g.addNode(node);

  const output = g.value(graph.output[0].name);
  if (output.shape.length !== 4 || output.shape[1] !== 3) {
    throw refused(`gives a tensor of ${output.shape.join("×")}`);
  }
  // (y + 1) / 2
  const half = g.scalar(0.5, output);
  return g.build([g.alias(g.add(g.mul(output, half), half), COMPOSITE)]);
}

function refused(found: string): UserError {
  return new UserError(
    `The VAE decoder must take latents (float32, rank 4) and give an image (3 channels); it ${found}`,
    "use a float32 model of the kind of Stable Diffusion 1 or 2",
  );
}
