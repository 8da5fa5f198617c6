import type { Layout } from "./graphs.ts";
import type { StandInOptions } from "./stand_in.ts";

/** Stable Diffusion 1's scheduler, as its repository has it. */
const SCHEDULER = {
  _class_name: "PNDMScheduler",
  _diffusers_version: "0.6.0",
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
};

/** A pipeline's graphs all have one class; the rest differs by exporter. */
const PIPELINES: Record<Layout, string> = {
  diffusers: "OnnxStableDiffusionPipeline",
  fp16: "OnnxStableDiffusionPipeline",
  optimum: "StableDiffusionPipeline",
};

/**
 * The JSON files of a model folder, by path. The diffusers converter writes no `config.json` for its
 * graphs; one for the U-Net is there only to say that images are not of 512 pixels.
 */
export function configFiles({ layout, sampleSize }: StandInOptions): Record<string, unknown> {
  const graph = ["diffusers", "OnnxRuntimeModel"];
  const pipeline = {
    _class_name: PIPELINES[layout],
    feature_extractor: [null, null],
    safety_checker: [null, null],
    scheduler: ["diffusers", "PNDMScheduler"],
    text_encoder: graph,
    tokenizer: ["transformers", "CLIPTokenizer"],
    unet: graph,
    vae_decoder: graph,
    vae_encoder: graph,
  };
  const files = { "model_index.json": pipeline, "scheduler/scheduler_config.json": SCHEDULER };
  const unet = {
    _class_name: "UNet2DConditionModel",
    in_channels: 4,
    out_channels: 4,
    sample_size: sampleSize ?? 64,
  };
  if (layout !== "optimum") {
    return sampleSize === undefined ? files : { ...files, "unet/config.json": unet };
  }
  const autoencoder = {
    _class_name: "AutoencoderKL",
    in_channels: 3,
    latent_channels: 4,
    out_channels: 3,
    sample_size: 512,
    scaling_factor: 0.18215,
  };
  return {
    ...files,
    "unet/config.json": unet,
    "vae_encoder/config.json": autoencoder,
    "vae_decoder/config.json": autoencoder,
    "text_encoder/config.json": {
      architectures: ["CLIPTextModel"],
      max_position_embeddings: 77,
      model_type: "clip_text_model",
      vocab_size: 49408,
    },
  };
}
