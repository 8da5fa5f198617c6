import { UserError } from "../errors.ts";
import {
  type ModelDefaults,
  resolveSettings,
  type Settings,
  type SettingsOverrides,
} from "../settings/settings.ts";
import { VARIANTS } from "../settings/table.ts";

/** What is compared as the paper's table 2 does: the variants of α, and CLIP's loss. */
export const CONTENDERS = [...VARIANTS, "clip"] as const;

/** How α is expressed where CLIP is the loss. */
const CLIP_VARIANT = "raster";

/** Settings to be tried. */
export interface Trial {
  /** What tells them from the other trials: the variant, and settings that take several values. */
  readonly name: string;
  readonly settings: Settings;
}

/**
 * Every combination of values of settings, the last one's values changing fastest.
 *
 * @param values Of each setting, as text, e.g. `{ variant: ["raster"], lambda: ["0.1", "0.2"] }`. The
 * variant `clip` is *raster* with CLIP's loss.
 * @param defaults The model's, for the others.
 * @param timesteps Number of timesteps of the model's noise schedule.
 * @throws {UserError} There is no such setting, or it cannot have a value.
 *
 * @example
 * ```ts
 * import { GENERIC_DEFAULTS } from "../catalog/models.ts";
 * import { trials } from "./trials.ts";
 *
 * const values = { variant: ["raster", "rgb-bilateral"], lambda: ["0.1", "0.2"] };
 * const names = trials(values, GENERIC_DEFAULTS, 1000).map(({ name }) => name);
 * console.assert(names[1] === "raster lambda=0.2" && names.length === 4);
 * ```
 */
export function trials(
  values: Readonly<Record<string, readonly string[]>>,
  defaults: ModelDefaults,
  timesteps: number,
): Trial[] {
  const known = { ...resolveSettings(defaults, {}, timesteps) } as Record<string, unknown>;
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw new UserError(
      `Unknown setting "${unknown}": wanted some of ${Object.keys(known).join(", ")}`,
      "give it as name=value, or name=value,value to try several",
    );
  }
  let combinations: Record<string, string>[] = [{}];
  for (const [name, texts] of Object.entries(values)) {
    combinations = combinations.flatMap((one) => texts.map((text) => ({ ...one, [name]: text })));
  }
  return combinations.map((texts) => {
    const clip = texts.variant === "clip" && { variant: CLIP_VARIANT, loss: "clip" };
    const overrides = Object.fromEntries(
      Object.entries({ ...texts, ...clip }).map(([name, text]) => [
        name,
        typeof known[name] === "number" ? toNumber(text) : text,
      ]),
    ) as SettingsOverrides;
    const settings = resolveSettings(defaults, overrides, timesteps);
    const telling = Object.entries(texts).filter(([name]) =>
      name !== "variant" && values[name].length > 1
    );
    const words = telling.map(([name, text]) => `${name}=${text}`);
    return { name: [clip ? "clip" : settings.variant, ...words].join(" "), settings };
  });
}

/** Text that is no number becomes one that no setting can be. */
function toNumber(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}
