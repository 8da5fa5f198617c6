import { checkSetting } from "./range.ts";
import { given, type ModelDefaults, resolveSettings } from "./settings.ts";
import { SETTINGS, type SettingsOf, type ValueOf } from "./table.ts";

/** Everything that decides a generated image and its mask, besides model and prompt. */
export interface GenerateSettings extends Omit<SettingsOf<"generate">, "alphaSize"> {
  /** Side of the image in pixels: the masks' `alphaSize`. */
  readonly size: ValueOf<"alphaSize">;
}

/** Settings that the user changes. The model decides those that are left out. */
export type GenerateOverrides = {
  readonly [K in keyof GenerateSettings]?: GenerateSettings[K] | undefined;
};

/**
 * Resolves the settings of one call. The model's defaults come first. Its tuning for the variant, its
 * tuning for generated images and the user's overrides replace them in this order.
 *
 * @param timesteps Number of timesteps of the model's noise schedule.
 * @throws {UserError} If a value is out of its range, or `tMin` is above `tMax`.
 */
export function resolveGenerateSettings(
  defaults: ModelDefaults,
  { imageParam = SETTINGS.imageParam.default, size, ...overrides }: GenerateOverrides,
  timesteps: number,
): GenerateSettings {
  checkSetting("imageParam", SETTINGS.imageParam.schema, imageParam);
  if (size !== undefined) {
    checkSetting(SETTINGS.alphaSize.names.generate, SETTINGS.alphaSize.schema, size);
  }
  const { variants: ofMade, ...made } = defaults.generate ?? {};
  const instead = {
    ...defaults.variants?.[imageParam],
    ...given(made),
    ...given(ofMade?.[imageParam]),
  };
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
    ground: _ground,
    ...kept
  } = settings;
  return { ...kept, imageParam, size: alphaSize };
}
