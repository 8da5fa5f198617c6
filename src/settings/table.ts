/**
 * The table of settings. Types, checks, the manifests' schema, the options of the command line and
 * docs/settings.md are derived from it.
 *
 * @module
 */
import * as v from "npm:valibot@1.5.0";
import { SQUARE_MODES } from "../image/geometry.ts";
import { GROUNDS, HEX_COLOUR } from "../image/ground.ts";
import { choice, numbers, type Range, whole } from "./range.ts";

/**
 * Variants of Peekaboo: the parametrizations of α (paper, section 4).
 *
 * @example
 * ```ts
 * import { VARIANTS } from "../../mod.ts";
 *
 * console.assert(VARIANTS.includes("rgb-bilateral"));
 * ```
 */
export const VARIANTS = [
  "raster",
  "rgb-bilateral",
  "depth-bilateral",
  "fourier",
  "fourier-bilateral",
] as const;

/**
 * Losses that judge masks: *score distillation* by the diffusion model, or CLIP's logit (the paper's
 * CLIP variant).
 *
 * @example
 * ```ts
 * import { LOSSES } from "../../mod.ts";
 *
 * console.assert(LOSSES[0] === "sds");
 * ```
 */
export const LOSSES = ["sds", "clip"] as const;

/**
 * Initial masks of the raster variants, besides a mask that the user gives (`image`).
 *
 * @example
 * ```ts
 * import { INITS } from "../../mod.ts";
 *
 * console.assert(INITS.includes("noise"));
 * ```
 */
export const INITS = ["noise", "blurred-noise", "constant"] as const;

/**
 * Parametrizations of a generated image and its mask: a small network maps the position of each pixel
 * to its value, or every pixel is a parameter.
 *
 * @example
 * ```ts
 * import { IMAGE_PARAMS } from "../../mod.ts";
 *
 * console.assert(IMAGE_PARAMS[0] === "fourier");
 * ```
 */
export const IMAGE_PARAMS = ["fourier", "raster"] as const;

/**
 * Samplers of text-to-image models, the default one first.
 *
 * @example
 * ```ts
 * import { SAMPLERS } from "../../mod.ts";
 *
 * console.assert(SAMPLERS.includes("pndm"));
 * ```
 */
export const SAMPLERS = ["ddim", "pndm"] as const;

/** The commands that settings belong to. */
export const JOBS = ["segment", "ablate", "generate", "grid", "sample"] as const;

/** One of {@link JOBS}. */
export type Job = typeof JOBS[number];

/** A row of the table. */
export interface Setting {
  /** Type and range. */
  readonly schema: Range<unknown>;
  /** The model's manifest gives the default, or the call does whatever the model. */
  readonly decidedBy: "manifest" | "call";
  /** The value if neither manifest nor user gives one. */
  readonly default?: unknown;
  /** The commands that have the setting. If there is a `flag`, they have an option for it. */
  readonly of: readonly Job[];
  /** The option on the command line. */
  readonly flag?: string;
  /** One sentence of help, without its range. */
  readonly help: string;
  /** The sentence of a command for which it differs. */
  readonly helps?: { readonly [J in Job]?: string };
  /** The name of the setting for commands that have another name for it. */
  readonly names?: { readonly [J in Job]?: string };
}

const MASKS = ["segment", "ablate"] as const;
const MADE = ["generate", "grid"] as const;
const OPTIMISED = [...MASKS, ...MADE] as const;

const TIMESTEP = whole(0, 999_999);

/** Every setting, by the name it has in code, manifests and reports. */
export const SETTINGS = {
  /** The parametrization of α. */
  variant: {
    schema: choice(VARIANTS),
    decidedBy: "manifest",
    of: MASKS,
    flag: "--variant <name>",
    help: "how the mask is expressed",
    helps: { ablate: "how the mask is expressed, where λ is ablated" },
  },
  /** The parametrization of colours and α of generated images. */
  imageParam: {
    schema: choice(IMAGE_PARAMS, IMAGE_PARAMS.join(" or ")),
    decidedBy: "call",
    default: IMAGE_PARAMS[0],
    of: MADE,
    flag: "--image-param <name>",
    help: "how colours and transparency are expressed",
  },
  /** The judge of masks. `clip` ignores guidance, timesteps and posterior: it diffuses nothing. */
  loss: {
    schema: choice(LOSSES),
    decidedBy: "call",
    default: "sds",
    of: ["segment"],
    flag: "--loss <name>",
    help: "the loss that judges masks",
  },
  /** Number of optimisation steps. */
  iterations: {
    schema: whole(1, 100_000),
    decidedBy: "manifest",
    of: OPTIMISED,
    flag: "--iterations <n>",
    help: "optimisation steps",
  },
  /** N, the sampler's steps. */
  steps: {
    schema: whole(1, 1000),
    decidedBy: "manifest",
    of: ["sample"],
    flag: "--steps <n>",
    help: "denoising steps",
  },
  /** g of classifier-free guidance: 1 adds nothing, 0 ignores the prompt. */
  guidanceScale: {
    schema: numbers("a number from 0 to 10000", (value) => value >= 0 && value <= 1e4),
    decidedBy: "manifest",
    of: JOBS,
    flag: "--guidance <g>",
    help: "classifier-free guidance scale",
  },
  /** λ of the penalty on α. */
  lambda: {
    schema: numbers("a number of at least 0", (value) => value >= 0 && value < Infinity),
    decidedBy: "manifest",
    of: OPTIMISED,
    flag: "--lambda <λ>",
    help: "penalty on the mask's area",
    helps: { generate: "penalty on the opaque area", grid: "penalty on the opaque area" },
  },
  /** True if prompts compete: the penalty on α is higher where masks overlap. */
  exclusive: {
    schema: v.pipe(v.boolean(), v.description("true, false")),
    decidedBy: "call",
    default: false,
    of: ["segment"],
    flag: "--exclusive",
    help: "prompts compete for pixels; also writes a map of the prompt that got each pixel",
  },
  /** The optimiser that changes θ. */
  optimizer: {
    schema: choice(["sgd", "adam"]),
    decidedBy: "manifest",
    of: OPTIMISED,
    flag: "--optimizer <name>",
    help: "sgd or adam",
  },
  /** η of the optimiser. */
  learningRate: {
    schema: numbers("a number above 0", (value) => value > 0 && value < Infinity),
    decidedBy: "manifest",
    of: OPTIMISED,
    flag: "--learning-rate <η>",
    help: "step size",
  },
  /** μ of SGD. */
  momentum: {
    schema: numbers("a number from 0 to below 1", (value) => value >= 0 && value < 1),
    decidedBy: "manifest",
    of: OPTIMISED,
    help: "share of the last step that SGD repeats",
  },
  /** Side of the optimised mask in pixels; `generate` and `grid` call it `size`. */
  alphaSize: {
    schema: whole(16, 2048, 8),
    decidedBy: "manifest",
    of: OPTIMISED,
    flag: "--size <pixels>",
    help: "side of the optimised mask",
    helps: { generate: "side of the images", grid: "side of the images" },
    names: { generate: "size", grid: "size" },
  },
  /**
   * s of the Fourier variants: the standard deviation of the features' frequencies, in cycles per
   * image. The other variants ignore it.
   */
  frequencyScale: {
    schema: numbers("a number above 0 up to 1000", (value) => value > 0 && value <= 1000),
    decidedBy: "manifest",
    of: OPTIMISED,
    flag: "--frequency-scale <s>",
    help: "how fine the Fourier networks start",
  },
  /** Smallest timestep drawn. */
  tMin: {
    schema: TIMESTEP,
    decidedBy: "manifest",
    of: OPTIMISED,
    flag: "--t-min <t>",
    help: "smallest diffusion timestep",
  },
  /** Largest timestep drawn, below the model's number of timesteps. */
  tMax: {
    schema: TIMESTEP,
    decidedBy: "manifest",
    of: OPTIMISED,
    flag: "--t-max <t>",
    help: "largest diffusion timestep",
  },
  /** The encoder's posterior: its mean, or a sample per iteration. */
  posterior: {
    schema: choice(["mean", "sample"]),
    decidedBy: "manifest",
    of: OPTIMISED,
    help: "the latents of an image: the mean of the encoder's posterior, or a sample per iteration",
  },
  /**
   * Initial θ of the raster variants: N(0, 1) per pixel, soft blotches, 0, or the θ of a given mask. The Fourier variants start from their network's `noise`.
   */
  init: {
    schema: choice([...INITS, "image"]),
    decidedBy: "call",
    default: "noise",
    of: ["segment"],
    flag: "--init <what>",
    help: `what masks start from: ${INITS.join(", ")}, or an image`,
  },
  /** The way in which the image is made square. */
  square: {
    schema: choice(SQUARE_MODES),
    decidedBy: "call",
    default: "scale",
    of: MASKS,
    flag: "--square <how>",
    help: "how the image is made square",
  },
  /** The ground that the model sees where the image is clear: a name, or `#rrggbb`. */
  ground: {
    schema: v.pipe(
      v.union([v.picklist(GROUNDS), v.pipe(v.string(), v.regex(HEX_COLOUR))]),
      v.description(`${GROUNDS.join(", ")}, or #rrggbb`),
    ),
    decidedBy: "call",
    default: "white",
    of: MASKS,
    flag: "--ground <colour>",
    help: "the ground that the model sees where the image is clear",
  },
  /** The sampler. */
  scheduler: {
    schema: choice(SAMPLERS, SAMPLERS.join(" or ")),
    decidedBy: "call",
    default: SAMPLERS[0],
    of: ["sample"],
    flag: "--scheduler <name>",
    help: "the sampler, which removes the noise",
  },
  /** Text that guidance leads away from; the empty text leads away from nothing in particular. */
  negativePrompt: {
    schema: v.pipe(v.string(), v.description("text")),
    decidedBy: "call",
    default: "",
    of: ["sample"],
    flag: "--negative-prompt <text>",
    help: "what the images should not show",
  },
  /** Images per prompt. */
  count: {
    schema: whole(1, 1000),
    decidedBy: "call",
    default: 1,
    of: ["sample"],
    flag: "--count <n>",
    help: "images per prompt",
  },
  /** Side of the sampled images in pixels. The default is the model's own. */
  size: {
    schema: whole(8, 4096, 8),
    decidedBy: "call",
    of: ["sample"],
    flag: "--size <pixels>",
    help: "side of the images",
  },
  /** Seed of all randomness. */
  seed: {
    schema: whole(0, 2 ** 32 - 1),
    decidedBy: "call",
    default: 0,
    of: JOBS,
    flag: "--seed <n>",
    help: "seed of all randomness",
  },
} as const satisfies Record<string, Setting>;

/** The table's type. */
export type Table = typeof SETTINGS;

/** The name of a setting. */
export type SettingName = keyof Table;

/**
 * The type of a setting's value.
 *
 * @internal
 */
export type ValueOf<K extends SettingName> = v.InferOutput<Table[K]["schema"]>;

/**
 * The settings of a command.
 *
 * @internal
 */
export type SettingsOf<J extends Job> = {
  readonly [K in SettingName as J extends Table[K]["of"][number] ? K : never]: ValueOf<K>;
};

/**
 * The names of a command's settings that manifests decide, or that each call decides.
 *
 * @internal
 */
export type NamesOf<J extends Job, By extends Setting["decidedBy"]> = {
  [K in SettingName]: J extends Table[K]["of"][number]
    ? Table[K]["decidedBy"] extends By ? K : never
    : never;
}[SettingName];

/** The table's rows, in its order. */
export const ROWS: readonly (readonly [name: SettingName, row: Setting])[] = Object.entries(
  SETTINGS,
) as [SettingName, Setting][];

/** The rows of a command, in the table's order. */
export function settingsOf(job: Job): readonly (readonly [name: SettingName, row: Setting])[] {
  return ROWS.filter(([, { of }]) => of.includes(job));
}
