import { UserError } from "./errors.ts";
import { SQUARE_MODES, type SquareMode } from "./image/geometry.ts";

/**
 * Ways to express α by what is optimised (paper, section 4).
 *
 * @example
 * ```ts
 * import { VARIANTS } from "./settings.ts";
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
 * What masks are judged by: *score distillation* by the diffusion model, or CLIP's logit (the paper's
 * CLIP variant).
 *
 * @example
 * ```ts
 * import { LOSSES } from "./settings.ts";
 *
 * console.assert(LOSSES[0] === "sds");
 * ```
 */
export const LOSSES = ["sds", "clip"] as const;

/**
 * What the raster variants start from, besides a mask of one's own (`picture`).
 *
 * @example
 * ```ts
 * import { INITS } from "./settings.ts";
 *
 * console.assert(INITS.includes("noise"));
 * ```
 */
export const INITS = ["noise", "blurred-noise", "constant"] as const;

/** Everything that decides a mask, besides model, picture and prompt. */
export interface Settings {
  /** How α is parametrized. */
  readonly variant: typeof VARIANTS[number];
  /**
   * What masks are judged by. `clip` has no use for guidance, timesteps and posterior, for nothing is
   * diffused.
   */
  readonly loss: typeof LOSSES[number];
  /** Number of optimisation steps, at least 1. */
  readonly iterations: number;
  /** g of classifier-free guidance, at least 0. */
  readonly guidanceScale: number;
  /** λ of the penalty on α, at least 0. */
  readonly lambda: number;
  /** Whether prompts compete: where masks overlap, the penalty on α is higher. */
  readonly exclusive: boolean;
  /** Which optimiser changes θ. */
  readonly optimizer: "sgd" | "adam";
  /** η, above 0. */
  readonly learningRate: number;
  /** μ of SGD, from 0 to below 1. */
  readonly momentum: number;
  /** Side of the optimised mask in pixels: a multiple of 8 from 16 to 2048. */
  readonly alphaSize: number;
  /**
   * s of the Fourier variants, above 0: the standard deviation of the features' frequencies, in
   * cycles a picture. The others have no use for it.
   */
  readonly frequencyScale: number;
  /** Smallest timestep drawn, at least 0. */
  readonly tMin: number;
  /** Largest timestep drawn, below the scheduler's number of timesteps. */
  readonly tMax: number;
  /** The encoder's posterior: its mean, or a sample an iteration. */
  readonly posterior: "mean" | "sample";
  /**
   * What θ of the raster variants is at first: N(0, 1) a pixel, soft blotches, 0, or what gives a
   * mask that was handed over. The Fourier variants start from their network's `noise`.
   */
  readonly init: typeof INITS[number] | "picture";
  /** How the picture becomes a square. */
  readonly square: SquareMode;
  /** Of all randomness, a whole number from 0 to 2³²−1. */
  readonly seed: number;
}

/** The settings that are each call's own, whatever the model. */
export type CallSetting = "loss" | "exclusive" | "init" | "square" | "seed";

/** Settings of a model that one variant, or one way to use it, wants otherwise. */
export interface Tuning extends Partial<Omit<Settings, "variant" | CallSetting>> {
  /** η of an optimiser that the user chooses instead of the model's own. */
  readonly learningRates?:
    | { readonly [O in Settings["optimizer"]]?: number | undefined }
    | undefined;
}

/** The settings a model's manifest decides: they are coupled to its encoder and size. */
export interface ModelDefaults extends Omit<Settings, CallSetting>, Pick<Tuning, "learningRates"> {
  /** What some variants want instead. */
  readonly variants?: VariantDefaults | undefined;
  /** What pictures that are made with their masks want instead. */
  readonly generate?: GenerateDefaults | undefined;
  /** What masks that CLIP judges want instead. */
  readonly clip?: ClipDefaults | undefined;
  /**
   * How the captions of a grid's cells are made, in words the model knows, with `{foreground}` and
   * `{background}` in it.
   */
  readonly template?: string | undefined;
}

/** Settings that suit CLIP's loss better than those of score distillation do. */
export interface ClipDefaults extends Tuning {
  /** What some variants want instead. */
  readonly variants?: VariantDefaults | undefined;
}

/** Settings that suit pictures made by `generate` better than those of masks do. */
export interface GenerateDefaults extends Tuning {
  /** What *raster* or *Fourier* pictures want instead. */
  readonly variants?: VariantDefaults | undefined;
}

/** Settings that suit a variant better than the model's others do. */
export type VariantDefaults = {
  readonly [V in Settings["variant"]]?: Tuning | undefined;
};

/** Settings the user may leave to the model. */
export type SettingsOverrides = { readonly [K in keyof Settings]?: Settings[K] | undefined };

/** A setting's bounds and their words, as errors and the command line's help say them. */
export interface Rule {
  readonly wanted: string;
  ok(value: number): boolean;
}

/** A rule for whole numbers. */
export const whole = (min: number, max: number, multipleOf = 1): Rule => ({
  wanted: `a whole number from ${min} to ${max}` +
    (multipleOf > 1 ? `, a multiple of ${multipleOf}` : ""),
  ok: (v) => Number.isInteger(v) && v >= min && v <= max && v % multipleOf === 0,
});

/** What each numeric setting may be. */
export const SETTING_RULES = {
  iterations: whole(1, 100_000),
  guidanceScale: { wanted: "a number from 0 to 10000", ok: (v) => v >= 0 && v <= 1e4 },
  lambda: { wanted: "a number of at least 0", ok: (v) => v >= 0 && v < Infinity },
  learningRate: { wanted: "a number above 0", ok: (v) => v > 0 && v < Infinity },
  momentum: { wanted: "a number from 0 to below 1", ok: (v) => v >= 0 && v < 1 },
  alphaSize: whole(16, 2048, 8),
  frequencyScale: { wanted: "a number above 0 up to 1000", ok: (v) => v > 0 && v <= 1000 },
  tMin: whole(0, 999_999),
  tMax: whole(0, 999_999),
  seed: whole(0, 2 ** 32 - 1),
} satisfies Partial<Record<keyof Settings, Rule>>;

const HINT = "leave it out for the default";

/**
 * The settings of one call: the model's defaults, changed by what it says of the variant, of CLIP if
 * that is the loss, and of the variant under CLIP, changed by what the user gave.
 *
 * @param timesteps Number of timesteps of the model's scheduler.
 * @throws {UserError} when a value is out of its range, or `tMin` is above `tMax`.
 *
 * @example
 * ```ts
 * import { type ModelDefaults, resolveSettings } from "./settings.ts";
 *
 * const defaults: ModelDefaults = {
 *   variant: "raster",
 *   iterations: 100,
 *   guidanceScale: 50,
 *   lambda: 0.1,
 *   optimizer: "sgd",
 *   learningRate: 1,
 *   momentum: 0,
 *   alphaSize: 64,
 *   frequencyScale: 10,
 *   tMin: 20,
 *   tMax: 980,
 *   posterior: "mean",
 *   variants: { fourier: { optimizer: "adam", learningRate: 1e-3 } },
 * };
 * const settings = resolveSettings(defaults, { variant: "fourier", learningRate: 0.01 }, 1000);
 * console.assert(settings.optimizer === "adam" && settings.learningRate === 0.01);
 * ```
 */
export function resolveSettings(
  defaults: ModelDefaults,
  overrides: SettingsOverrides,
  timesteps: number,
): Settings {
  const { variants, clip, generate: _made, template: _template, ...ofModel } = defaults;
  const { learningRates: _rates, ...own } = ofModel;
  const base: Settings = {
    loss: "sds",
    exclusive: false,
    init: "noise",
    square: "scale",
    seed: 0,
    ...own,
  };
  const given = Object.fromEntries(
    Object.entries(overrides).filter(([name, value]) => value !== undefined && name in base),
  );
  const variant = overrides.variant ?? base.variant;
  const { variants: ofClip, ...clipped } = overrides.loss === "clip" ? clip ?? {} : {};
  const { learningRates, ...suited }: Tuning = {
    ...ofModel,
    ...variants?.[variant],
    ...clipped,
    ...ofClip?.[variant],
  };
  const { optimizer } = overrides;
  // The model's η is its own optimiser's.
  const rate = optimizer && optimizer !== suited.optimizer && learningRates?.[optimizer];
  const settings: Settings = {
    ...base,
    ...suited,
    ...(rate ? { learningRate: rate } : {}),
    ...given,
  };
  for (const [name, rule] of Object.entries(SETTING_RULES)) {
    const value = settings[name as keyof typeof SETTING_RULES];
    if (typeof value !== "number" || !rule.ok(value)) {
      throw new UserError(`Invalid ${name} ${value}: wanted ${rule.wanted}`, HINT);
    }
  }
  oneOf("variant", settings.variant, VARIANTS);
  oneOf("loss", settings.loss, LOSSES);
  oneOf("exclusive", settings.exclusive, [true, false]);
  oneOf("init", settings.init, [...INITS, "picture"]);
  oneOf("square", settings.square, SQUARE_MODES);
  oneOf("optimizer", settings.optimizer, ["sgd", "adam"]);
  oneOf("posterior", settings.posterior, ["mean", "sample"]);
  if (settings.init !== "noise" && settings.variant.startsWith("fourier")) {
    throw new UserError(
      `Invalid init "${settings.init}" for ${settings.variant}: its network starts from noise`,
      "leave it out, or choose raster, rgb-bilateral or depth-bilateral",
    );
  }
  const { tMin, tMax } = settings;
  if (tMin > tMax || tMax >= timesteps) {
    throw new UserError(
      `Invalid timesteps ${tMin} to ${tMax}: wanted tMin ≤ tMax < ${timesteps}`,
      "give other timesteps, or leave them out to use the model's own",
    );
  }
  return settings;
}

function oneOf<T>(name: string, value: T, values: readonly T[]) {
  if (values.includes(value)) return;
  throw new UserError(`Invalid ${name} "${value}": wanted ${values.join(", ")}`, HINT);
}
