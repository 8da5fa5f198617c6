import { checkSetting } from "./range.ts";
import { type ModelDefaults, resolveSettings } from "./settings.ts";
import { SETTINGS, type SettingsOf, type ValueOf } from "./table.ts";

/** Everything that decides an image made with its mask, besides model and prompt. */
export interface GenerateSettings extends Omit<SettingsOf<"generate">, "alphaSize"> {
  /** Side of the image in pixels: the masks' `alphaSize`. */
  readonly size: ValueOf<"alphaSize">;
}

/** Settings the user may leave to the model. */
export type GenerateOverrides = {
  readonly [K in keyof GenerateSettings]?: GenerateSettings[K] | undefined;
};

/**
 * The settings of one call. The model's defaults come first; its tuning for the variant, its tuning
 * for generated images and the user's overrides replace them in this order.
 *
 * @param timesteps Number of timesteps of the model's noise schedule.
 * @throws {UserError} A value is out of its range, or `tMin` is above `tMax`.
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
    ground: _ground,
    ...kept
  } = settings;
  return { ...kept, imageParam, size: alphaSize };
}
