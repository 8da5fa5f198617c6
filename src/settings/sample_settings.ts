import { UserError } from "../errors.ts";
import { checkSetting } from "./range.ts";
import { type NamesOf, SETTINGS, type SettingsOf, settingsOf } from "./table.ts";

/** Everything that decides a sampled image, besides model and prompt. */
export type SampleSettings = SettingsOf<"sample">;

/** The settings that a model's manifest decides. */
export type SamplingDefaults = Pick<SampleSettings, NamesOf<"sample", "manifest">>;

/** Settings that the user changes. The model decides those that are left out. */
export type SampleOverrides = {
  readonly [K in keyof SampleSettings]?: SampleSettings[K] | undefined;
};

/** The facts about a model that sampling depends on. */
export interface SampleModel {
  readonly samplingDefaults: SamplingDefaults;
  /** Side of the model's images in pixels. */
  readonly imageSize: number;
  /** Shape of such an image's latents. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
}

/** U-Nets halve latents up to three times. */
const UNET_FACTOR = 8;

/**
 * Resolves the settings of one call: the user's overrides, and the model's defaults for the rest.
 *
 * @throws {UserError} If a value is out of its range, or the model's networks have no latents for
 * images of that size.
 */
export function resolveSampleSettings(
  overrides: SampleOverrides,
  { samplingDefaults, imageSize, latentShape }: SampleModel,
): SampleSettings {
  const settings: SampleSettings = {
    steps: overrides.steps ?? samplingDefaults.steps,
    guidanceScale: overrides.guidanceScale ?? samplingDefaults.guidanceScale,
    scheduler: overrides.scheduler ?? SETTINGS.scheduler.default,
    seed: overrides.seed ?? SETTINGS.seed.default,
    count: overrides.count ?? SETTINGS.count.default,
    negativePrompt: overrides.negativePrompt ?? SETTINGS.negativePrompt.default,
    size: overrides.size ?? imageSize,
  };
  for (const [name, { schema }] of settingsOf("sample")) {
    checkSetting(name, schema, (settings as Record<string, unknown>)[name]);
  }
  const multiple = UNET_FACTOR * imageSize / latentShape[1];
  if (settings.size !== imageSize && settings.size % multiple !== 0) {
    throw new UserError(
      `Invalid size ${settings.size}: this model wants a multiple of ${multiple}`,
      `leave it out for the model's own ${imageSize}`,
    );
  }
  return settings;
}
