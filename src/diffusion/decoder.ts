import type { Backend, Session, Tensor } from "../backend/backend.ts";
import { UserError } from "../errors.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { graphOf, inputsOf, type OnnxModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { COMPOSITE, LATENTS } from "./encoder.ts";
import type { LatentShape } from "./model.ts";

/** The stage *decode*: x = (D(z/s) + 1) / 2, from latents to images. */
export class Decoder implements Disposable {
  /** x (P, 3, H, W), about 0..1; {@link forward} writes it. */
  readonly images: Tensor;
  readonly #session: Session;

  /** @param session A graph from {@link decoderGraph}, loaded. */
  constructor(backend: Backend, session: Session) {
    this.#session = session;
    // Shapes are fixed, so every dimension is a number.
    this.images = backend.tensor(session.outputs[0].shape as number[]);
  }

  /** Computes x from z (P, C, h, w). */
  async forward(latents: Tensor) {
    await this.#session.run({ [LATENTS]: latents }, { [COMPOSITE]: this.images });
  }

  [Symbol.dispose]() {
    this.images[Symbol.dispose]();
  }
}

/** Options of {@link decoderGraph}. */
export interface DecoderGraphOptions {
  /** P, the number of prompts. */
  readonly prompts: number;
  /** Shape of one latent. */
  readonly latentShape: LatentShape;
  /** s, the scale of the latents. */
  readonly scalingFactor: number;
}

/**
 * Builds the stage *decode* as one graph, x = (D(z/s) + 1) / 2, around a VAE decoder as any exporter
 * wrote it: from {@link LATENTS} (P, C, h, w) to {@link COMPOSITE} (P, 3, H, W), 0..1 but for a
 * decoder's overshoot.
 *
 * @throws {UserError} The graph is not a VAE decoder, or takes latents of another shape.
 */
export function decoderGraph(vaeDecoder: OnnxModel, options: DecoderGraphOptions): OnnxModel {
  const { prompts: P, latentShape, scalingFactor } = options;
  const inputs = inputsOf(vaeDecoder);
  if (inputs.length !== 1) throw refused(`takes ${inputs.length} inputs`);
  const [{ name }] = inputs;
  const shape = [P, ...latentShape];
  const model = fixShapes(vaeDecoder, { [name]: shape });
  const graph = graphOf(model);
  const { dtype } = OpBuilder.from(model).value(name);
  if (dtype !== "float32") throw refused(`takes ${dtype}`);

  const g = new OpBuilder(model);
  const weights = graphOf(vaeDecoder).initializer.map(({ name }) => name);
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
