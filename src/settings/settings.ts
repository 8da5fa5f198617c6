import { UserError } from "../errors.ts";
import { checkSetting } from "./range.ts";
import { type NamesOf, SETTINGS, type SettingsOf, settingsOf } from "./table.ts";

/** Everything that decides a mask, besides model, image and prompt: docs/settings.md lists it. */
export type Settings = SettingsOf<"segment">;

/** The settings that each call decides, whatever the model. */
export type CallSetting = NamesOf<"segment", "call">;

/** Settings that replace a model's defaults for one variant, or for one way to use the model. */
export type Tuning =
  & { readonly [K in Exclude<keyof Settings, "variant" | CallSetting>]?: Settings[K] | undefined }
  & {
    /** η of an optimiser that the user chooses instead of the model's own. */
    readonly learningRates?:
      | { readonly [O in Settings["optimizer"]]?: number | undefined }
      | undefined;
  };

/** The settings a model's manifest decides: they are coupled to its encoder and size. */
export interface ModelDefaults extends Omit<Settings, CallSetting>, Pick<Tuning, "learningRates"> {
  /** Tuning per variant. */
  readonly variants?: VariantDefaults | undefined;
  /** Tuning for images that are generated with their masks. */
  readonly generate?: GenerateDefaults | undefined;
  /** Tuning for masks that CLIP judges. */
  readonly clip?: ClipDefaults | undefined;
  /**
   * Caption of a grid's cell, in words that the model knows. The cell's prompts replace
   * `{foreground}` and `{background}`.
   */
  readonly template?: string | undefined;
}

/** Settings for CLIP's loss that differ from those for score distillation. */
export interface ClipDefaults extends Tuning {
  /** Tuning per variant. */
  readonly variants?: VariantDefaults | undefined;
}

/** Settings for generated images that differ from those for masks. */
export interface GenerateDefaults extends Tuning {
  /** Tuning for *raster* or *Fourier* images. */
  readonly variants?: VariantDefaults | undefined;
}

/** Settings for each variant that differ from the model's defaults. */
export type VariantDefaults = {
  readonly [V in Settings["variant"]]?: Tuning | undefined;
};

/** Settings that the user changes. The model decides those that are left out. */
export type SettingsOverrides = { readonly [K in keyof Settings]?: Settings[K] | undefined };

/**
 * Resolves the settings of one call. The model's defaults come first. Replacements follow in this
 * order: the tuning for the variant, the tuning for CLIP's loss if that is chosen, the variant's
 * tuning under CLIP, and the user's overrides.
 *
 * @param timesteps Number of timesteps of the model's noise schedule.
 * @throws {UserError} If a value is out of its range, or `tMin` is above `tMax`.
 */
export function resolveSettings(
  defaults: ModelDefaults,
  overrides: SettingsOverrides,
  timesteps: number,
): Settings {
  const { variants, clip, generate: _made, template: _template, ...ofModel } = defaults;
  const { learningRates: _rates, ...own } = ofModel;
  const base: Settings = {
    loss: SETTINGS.loss.default,
    exclusive: SETTINGS.exclusive.default,
    init: SETTINGS.init.default,
    square: SETTINGS.square.default,
    ground: SETTINGS.ground.default,
    seed: SETTINGS.seed.default,
    ...own,
  };
  const variant = overrides.variant ?? base.variant;
  const { variants: ofClip, ...clipped } = overrides.loss === "clip" ? clip ?? {} : {};
  const { learningRates, ...suited }: Tuning = {
    ...ofModel,
    ...given(variants?.[variant]),
    ...given(clipped),
    ...given(ofClip?.[variant]),
  };
  const { optimizer } = overrides;
  // The model's own η suits its own optimiser alone.
  const rate = optimizer && optimizer !== suited.optimizer && learningRates?.[optimizer];
  const settings: Settings = {
    ...base,
    ...given(suited),
    ...(rate ? { learningRate: rate } : {}),
    ...given(Object.fromEntries(Object.entries(overrides).filter(([name]) => name in base))),
  };
  for (const [name, { schema }] of settingsOf("segment")) {
    checkSetting(name, schema, (settings as Record<string, unknown>)[name]);
  }
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

/** The settings that are not left out. */
export function given(settings: object = {}) {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
