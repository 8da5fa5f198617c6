import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { UserError } from "../errors.ts";
import {
  DifferentiatedNetwork,
  type DifferentiatedSessions,
} from "../networks/differentiated_network.ts";
import { cutRandomness } from "../onnx/cut_randomness.ts";
import { fusePads } from "../onnx/fuse_pads.ts";
import { graphOf, inputsOf, type OnnxModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { shrinkConstants } from "../onnx/shrink_constants.ts";
import type { Value } from "../onnx/value.ts";

/** Name of the graph's input x̂ (P, 3, M, M), 0..1. */
export const COMPOSITE = "composite";
/** Name of the graph's input for the posterior's sample (1, C, h, w), N(0, 1), if it is sampled. */
export const POSTERIOR_NOISE = "posterior_noise";
/** Name of the graph's output z (P, C, h, w). */
export const LATENTS = "latents";

/** The stage *encode*: z = s·E(2x̂−1), and its adjoint x̂̄ = 2s·J_Eᵀ z̄. */
export class Encoder implements Disposable {
  /** N(0, 1) (1, C, h, w), if the posterior is sampled; the draws write it. */
  readonly posteriorNoise: Tensor | undefined;
  readonly #network: DifferentiatedNetwork;
  readonly #tensors: Disposable;

  constructor(backend: Backend, sessions: DifferentiatedSessions) {
    using scope = new TensorScope(backend);
    this.#network = scope.use(
      new DifferentiatedNetwork(backend, sessions, { of: LATENTS, wrt: COMPOSITE }),
    );
    const noise = sessions.forward.inputs.find(({ name }) => name === POSTERIOR_NOISE);
    // Shapes are fixed, so every dimension is a number.
    this.posteriorNoise = noise && scope.tensor(noise.shape as number[], undefined, noise.dtype);
    this.#tensors = scope.move();
  }

  /** z (P, C, h, w); {@link forward} writes it. */
  get latents(): Tensor {
    return this.#network.output;
  }
  /** x̂̄ (P, 3, M, M); {@link adjoint} writes it. */
  get imageCotangent(): Tensor {
    return this.#network.cotangent;
  }

  /** Computes z from x̂ (P, 3, M, M), 0..1, which must stay unchanged until {@link adjoint}. */
  async forward(blended: Tensor) {
    const noise = this.posteriorNoise;
    await this.#network.forward({
      [COMPOSITE]: blended,
      ...(noise && { [POSTERIOR_NOISE]: noise }),
    });
  }

  /** Computes x̂̄ from z̄ (P, C, h, w), at the x̂ of the last {@link forward}. */
  async adjoint(latentCotangent: Tensor) {
    await this.#network.adjoint(latentCotangent);
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}

/** Options of {@link encoderGraph}. */
export interface EncoderGraphOptions {
  /** P, the number of prompts. */
  readonly prompts: number;
  /** M, the side of the image in pixels. */
  readonly imageSize: number;
  /** s, the scale of the latents. */
  readonly scalingFactor: number;
  /** Whether z is the posterior's mean or a sample. */
  readonly posterior: "mean" | "sample";
}

/**
 * Builds the stage *encode* as one graph, z = s·E(2x̂−1), around a VAE encoder as any exporter wrote
 * it: `latent_parameters` (mean ‖ log-variance) or `latent_sample` (sampled inside). Randomness in
 * the graph becomes the input {@link POSTERIOR_NOISE}, one sample for all prompts.
 *
 * @throws {UserError} The graph is not a VAE encoder.
 */
export function encoderGraph(vaeEncoder: OnnxModel, options: EncoderGraphOptions): OnnxModel {
  const { prompts: P, imageSize: M, scalingFactor, posterior } = options;
  const [input, ...others] = inputsOf(vaeEncoder);
  if (!input || others.length > 0) {
    throw new UserError(
      `The VAE encoder needs one input, an image; found ${input ? others.length + 1 : 0}`,
      "use a model in the diffusers ONNX layout",
    );
  }
  const { model, inputs: noises } = cutRandomness(vaeEncoder, { [input.name]: [P, 3, M, M] });
  const graph = graphOf(shrinkConstants(fusePads(model)));

  const g = new OpBuilder(model);
  const weights = graphOf(vaeEncoder).initializer.map(({ name }) => name);
  g.reserve([...graph.node.flatMap(({ output }) => output), ...weights]);
  for (const tensor of graph.initializer) g.addInitializer(tensor);
  const inputs = [g.addInput({ name: COMPOSITE, dtype: "float32", shape: [P, 3, M, M] })];

  // 2x̂ − 1
  const image = inputs[0];
  const centred = g.sub(g.mul(image, g.scalar(2, image)), g.scalar(1, image));
  g.alias(centred, input.name);

  let noise: Value | undefined;
  if (posterior === "sample") {
    const [, channels, height, width] = noises[0]?.shape ?? posteriorShape(model);
    noise = g.addInput({
      name: POSTERIOR_NOISE,
      dtype: "float32",
      shape: [1, channels, height, width],
    });
    inputs.push(noise);
  }
  for (const { name, dtype, shape } of noises) {
    // A posterior's sample without its noise is its mean.
    const value = noise ? g.expand(noise, shape) : g.constant(dtype, shape, 0);
    g.alias(value, name);
  }

  for (const node of graph.node) g.addNode(node);
  const output = g.value(graph.output[0].name);
  const sample = noises.length > 0 ? output : samplePosterior(g, output, noise);
  // z = s·(…)
  const latents = g.alias(g.mul(sample, g.scalar(scalingFactor, sample)), LATENTS);
  return g.build([latents], inputs);
}

/** mean, or mean + std·noise, of the parameters mean ‖ log-variance (P, 2C, h, w). */
function samplePosterior(g: OpBuilder, parameters: Value, noise: Value | undefined): Value {
  const channels = parameters.shape[1] / 2;
  const mean = g.slice(parameters, 1, 0, channels);
  if (!noise) return mean;
  // diffusers' DiagonalGaussianDistribution clamps the log-variance to −30..20.
  const [least, most] = [g.scalar(-30, mean), g.scalar(20, mean)];
  const logVariance = g.emit("Clip", [g.slice(parameters, 1, channels, 2 * channels), least, most]);
  const std = g.emit("Exp", [g.mul(logVariance, g.scalar(0.5, mean))]);
  return g.add(mean, g.mul(std, noise));
}

/** Shape of one posterior, from the graph's output mean ‖ log-variance. */
function posteriorShape(model: OnnxModel): number[] {
  const output = OpBuilder.from(model).value(graphOf(model).output[0].name);
  return output.shape.with(1, output.shape[1] / 2);
}
