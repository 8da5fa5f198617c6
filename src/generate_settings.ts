import { UserError } from "./errors.ts";
import {
  type CallSetting,
  type ModelDefaults,
  resolveSettings,
  type Settings,
} from "./settings.ts";
import { SETTING_RULES } from "./settings.ts";

/**
 * Ways to express a picture and its mask by what is optimised: every pixel by itself, or what a small
 * network makes of its place.
 *
 * @example
 * ```ts
 * import { IMAGE_PARAMS } from "./generate_settings.ts";
 *
 * console.assert(IMAGE_PARAMS[0] === "fourier");
 * ```
 */
export const IMAGE_PARAMS = ["fourier", "raster"] as const;

/** Everything that decides a picture made with its mask, besides model and prompt. */
export interface GenerateSettings
  extends Omit<Settings, "variant" | "alphaSize" | Exclude<CallSetting, "seed">> {
  /** How colours and α are parametrized. */
  readonly imageParam: typeof IMAGE_PARAMS[number];
  /** Side of the picture in pixels: a multiple of 8 from 16 to 2048. */
  readonly size: number;
}

/** Settings the user may leave to the model. */
export type GenerateOverrides = {
  readonly [K in keyof GenerateSettings]?: GenerateSettings[K] | undefined;
};

/**
 * The settings of one call: the model's defaults, changed by what it says of the variant, by what it
 * says of pictures that are made, and by what the user gave.
 *
 * @param timesteps Number of timesteps of the model's scheduler.
 * @throws {UserError} when a value is out of its range, or `tMin` is above `tMax`.
 *
 * @example
 * ```ts
 * import { GENERIC_DEFAULTS } from "./catalog/generic_defaults.ts";
 * import { resolveGenerateSettings } from "./generate_settings.ts";
 *
 * const defaults = { ...GENERIC_DEFAULTS, generate: { lambda: 0.02, iterations: 9 } };
 * const settings = resolveGenerateSettings(defaults, { iterations: 5, size: 64 }, 1000);
 * console.assert(settings.lambda === 0.02 && settings.iterations === 5 && settings.size === 64);
 * ```
 */
export function resolveGenerateSettings(
  defaults: ModelDefaults,
  { imageParam = IMAGE_PARAMS[0], size, ...overrides }: GenerateOverrides,
  timesteps: number,
): GenerateSettings {
  const hint = "leave it out for the default";
  if (!IMAGE_PARAMS.includes(imageParam)) {
    const wanted = IMAGE_PARAMS.join(" or ");
    throw new UserError(`Invalid imageParam "${imageParam}": wanted ${wanted}`, hint);
  }
  const { wanted, ok } = SETTING_RULES.alphaSize;
  if (size !== undefined && !ok(size)) {
    throw new UserError(`Invalid size ${size}: wanted ${wanted}`, hint);
  }
  const { variants: ofMade, ...made } = defaults.generate ?? {};
  const instead = { ...defaults.variants?.[imageParam], ...made, ...ofMade?.[imageParam] };
  const { alphaSize, ...settings } = resolveSettings(
    { ...defaults, variants: { [imageParam]: instead } },
    { ...overrides, variant: imageParam, alphaSize: size },
    timesteps,
  );
  const {
    variant: _variant,
    loss: _loss,
    exclusive: _exclusive,
    init: _init,
    square: _square,
    ...kept
  } = settings;
  return { ...kept, imageParam, size: alphaSize };
}
