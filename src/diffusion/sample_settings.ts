import { UserError } from "../errors.ts";
import { type Rule, SETTING_RULES, whole } from "../settings.ts";
import { type SchedulerName, SCHEDULERS } from "./sampling_plan.ts";

/** Everything that decides a picture, besides model and prompt. */
export interface SampleSettings {
  /** N, the sampler's steps, at least 1. */
  readonly steps: number;
  /** g of classifier-free guidance: 1 is none, 0 forgets the prompt. */
  readonly guidanceScale: number;
  /** The sampler. */
  readonly scheduler: SchedulerName;
  /** Of the noise a picture starts from, a whole number from 0 to 2³²−1. */
  readonly seed: number;
  /** Pictures a prompt, at least 1. */
  readonly count: number;
  /** What guidance leads away from; the empty prompt leads away from nothing in particular. */
  readonly negativePrompt: string;
  /** Side of the pictures in pixels. */
  readonly size: number;
}

/** The settings a model's manifest may decide. */
export type SamplingDefaults = Pick<SampleSettings, "steps" | "guidanceScale">;

/** Settings the user may leave to the model. */
export type SampleOverrides = {
  readonly [K in keyof SampleSettings]?: SampleSettings[K] | undefined;
};

/** What each numeric setting may be. */
export const SAMPLE_RULES = {
  steps: whole(1, 1000),
  guidanceScale: SETTING_RULES.guidanceScale,
  seed: SETTING_RULES.seed,
  count: whole(1, 1000),
  size: whole(8, 4096, 8),
} satisfies Partial<Record<keyof SampleSettings, Rule>>;

/** What a model says about its pictures. */
export interface SampleModel {
  readonly samplingDefaults: SamplingDefaults;
  /** Side of its own pictures in pixels. */
  readonly pictureSize: number;
  /** Shape of their latents. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
}

/** U-Nets halve latents up to three times. */
const UNET_FACTOR = 8;

/**
 * The settings of one call: the model's defaults, changed by what the user gave.
 *
 * @throws {UserError} when a value is out of its range, or the model's networks have no latents for
 * pictures of that size.
 *
 * @example
 * ```ts
 * import { resolveSampleSettings } from "./sample_settings.ts";
 *
 * const settings = resolveSampleSettings({ steps: 10 }, {
 *   samplingDefaults: { steps: 25, guidanceScale: 7.5 },
 *   pictureSize: 512,
 *   latentShape: [4, 64, 64],
 * });
 * console.assert(settings.steps === 10 && settings.guidanceScale === 7.5 && settings.size === 512);
 * ```
 */
export function resolveSampleSettings(
  overrides: SampleOverrides,
  { samplingDefaults, pictureSize, latentShape }: SampleModel,
): SampleSettings {
  const settings: SampleSettings = {
    steps: overrides.steps ?? samplingDefaults.steps,
    guidanceScale: overrides.guidanceScale ?? samplingDefaults.guidanceScale,
    scheduler: overrides.scheduler ?? SCHEDULERS[0],
    seed: overrides.seed ?? 0,
    count: overrides.count ?? 1,
    negativePrompt: overrides.negativePrompt ?? "",
    size: overrides.size ?? pictureSize,
  };
  const hint = "leave it out for the default";
  for (const [name, { wanted, ok }] of Object.entries(SAMPLE_RULES)) {
    const value = settings[name as keyof typeof SAMPLE_RULES];
    if (typeof value === "number" && ok(value)) continue;
    throw new UserError(`Invalid ${name} ${value}: wanted ${wanted}`, hint);
  }
  if (!SCHEDULERS.includes(settings.scheduler)) {
    const wanted = SCHEDULERS.join(" or ");
    throw new UserError(`Invalid scheduler "${settings.scheduler}": wanted ${wanted}`, hint);
  }
  const multiple = UNET_FACTOR * pictureSize / latentShape[1];
  if (settings.size !== pictureSize && settings.size % multiple !== 0) {
    throw new UserError(
      `Invalid size ${settings.size}: this model wants a multiple of ${multiple}`,
      `leave it out for the model's own ${pictureSize}`,
    );
  }
  return settings;
}
