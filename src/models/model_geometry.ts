import { unetPorts } from "../diffusion/unet_ports.ts";
import { UserError } from "../errors.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import type { Port } from "../onnx/value_info.ts";
import type { ValueInfoProto } from "../onnx/proto/onnx_pb.ts";
import { declaration } from "../onnx/value_info.ts";
import { textEncoderPorts } from "../prompt/text_encoder_ports.ts";
import type { NeededGraph } from "./graph_file.ts";

/** Sizes that a model's graphs agree on. */
export interface ModelGeometry {
  /** M, the side of the model's images in pixels. */
  readonly imageSize: number;
  /** Shape of the latents of one image. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
  /** Number of tokens that the text encoder takes; nothing if the graphs leave it free. */
  readonly sequenceLength: number | undefined;
}

/** Sizes that the manifest or a configuration gives. */
export interface KnownSizes {
  /** Side of the model's images in pixels. */
  readonly imageSize?: number | undefined;
  /** Side of the latents that the U-Net was trained on. */
  readonly sampleSize?: number | undefined;
}

/** Side of Stable Diffusion 1's latents, for a model that gives no other. */
const STABLE_DIFFUSION_SAMPLE_SIZE = 64;

/** Side of the image that shows the encoder's down-sampling factor. */
const PROBE_SIZE = 256;

/**
 * Reads a model's sizes from its graphs, and checks that the graphs fit together: the U-Net must take
 * the outputs of the VAE encoder and of the text encoder.
 *
 * @throws {UserError} They do not fit, or one of them is not the network that its name says.
 */
export function modelGeometry(
  models: Readonly<Record<NeededGraph, OnnxModel>>,
  known: KnownSizes = {},
): ModelGeometry {
  const unet = unetPorts(describeGraph(models.unet));
  const [, unetChannels, unetHeight] = unet.sample.shape.map(fixed);
  const [, unetTokens, unetWidth] = unet.embeddings.shape.map(fixed);

  const { ids, hiddenStates } = textEncoderPorts(describeGraph(models.text_encoder));
  const width = fixed(hiddenStates.shape[2]);
  if (differ(width, unetWidth)) {
    throw misfit(`text_encoder gives embeddings of width ${width}, unet takes ${unetWidth}`);
  }
  const tokens = fixed(hiddenStates.shape[1]) ?? fixed(ids.shape[1]);
  if (differ(tokens, unetTokens)) {
    throw misfit(`text_encoder gives ${tokens} tokens, unet takes ${unetTokens}`);
  }

  const { channels, factor } = probeEncoder(models.vae_encoder, known.imageSize);
  // The encoder gives a posterior's mean and log-variance, unless it samples inside. Diffusers' exporter
  // leaves even the U-Net's channels free.
  const latentChannels = unetChannels ?? (samples(models.vae_encoder) ? channels : channels / 2);
  if (channels !== latentChannels && channels !== 2 * latentChannels) {
    throw misfit(`vae_encoder gives ${channels} channels, unet takes latents of ${unetChannels}`);
  }
  const sampleSize = unetHeight ?? known.sampleSize ?? STABLE_DIFFUSION_SAMPLE_SIZE;
  const imageSize = known.imageSize ?? sampleSize * factor;
  const side = imageSize / factor;
  if (differ(side, unetHeight)) {
    throw misfit(
      `vae_encoder makes ${side}×${side} latents of a ${imageSize}-pixel image, ` +
        `unet takes ${unetHeight}×${unetHeight}`,
    );
  }
  return {
    imageSize,
    latentShape: [latentChannels, side, side],
    sequenceLength: tokens ?? unetTokens,
  };
}

/** Channels of the VAE encoder's output, and its down-sampling factor. */
function probeEncoder(
  encoder: OnnxModel,
  imageSize: number | undefined,
): { channels: number; factor: number } {
  const { inputs } = describeGraph(encoder);
  const [input] = inputs;
  const isImage = input?.dtype === "float32" && input.shape.length === 4 &&
    !differ(3, fixed(input.shape[1]));
  if (inputs.length !== 1 || !isImage) {
    throw new UserError(
      "The VAE encoder must take an image (float32, rank 4, 3 channels) and nothing else",
      "use a float32 model of the kind of Stable Diffusion 1 or 2",
    );
  }
  const side = imageSize ?? fixed(input.shape[2]) ?? PROBE_SIZE;
  const probe = describeGraph(fixShapes(encoder, { [input.name]: [1, 3, side, side] }));
  const [output] = probe.outputs;
  if (output?.shape.length !== 4) {
    throw new UserError(
      "The VAE encoder must give latents (rank 4); " +
        (output ? `it gives rank ${output.shape.length}` : "it gives nothing"),
      "use a model of the kind of Stable Diffusion 1 or 2",
    );
  }
  const [, channels, height] = output.shape.map(Number);
  return { channels, factor: side / height };
}

/** Whether an encoder draws a sample from its posterior. */
function samples(encoder: OnnxModel): boolean {
  return graphOf(encoder).node.some(({ opType }) => /^RandomNormal/.test(opType));
}

/** A size, unless the graph leaves it free. */
function fixed(size: number | string | undefined): number | undefined {
  return typeof size === "number" ? size : undefined;
}

function differ(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function misfit(reason: string): UserError {
  return new UserError(
    `The model's graphs do not fit together: ${reason}`,
    "use graphs exported from one and the same pipeline",
  );
}

/** The inputs and outputs of an ONNX graph. */
export interface GraphDescription {
  /** Inputs without a default. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/**
 * Describes a graph's inputs and outputs: names, element types and shapes.
 *
 * @throws {UserError} One of them is not a tensor of known rank.
 */
export function describeGraph(model: OnnxModel): GraphDescription {
  const { input, output, initializer } = graphOf(model);
  // Old exporters list weights among the inputs.
  const weights = new Set(initializer.map(({ name }) => name));
  return {
    inputs: input.filter(({ name }) => !weights.has(name)).map(port),
    outputs: output.map(port),
  };
}

function port(info: ValueInfoProto): Port {
  const declared = declaration(info);
  if (!declared) {
    throw new UserError(
      `ONNX value "${info.name}" is not a tensor of known rank`,
      "export the model again, with the shapes of its inputs and outputs",
    );
  }
  const { name, dtype, dimensions } = declared;
  return { name, dtype, shape: dimensions.map((size) => size ?? "?") };
}
