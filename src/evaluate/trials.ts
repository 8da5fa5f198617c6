import { UserError } from "../errors.ts";
import {
  type ModelDefaults,
  resolveSettings,
  type Settings,
  type SettingsOverrides,
} from "../settings/settings.ts";
import { VARIANTS } from "../settings/table.ts";

/** The contenders of the paper's table 2: the variants of α, and CLIP's loss. */
export const CONTENDERS = [...VARIANTS, "clip"] as const;

/** The variant of α that CLIP's loss has. */
const CLIP_VARIANT = "raster";

/** Settings to try. */
export interface Trial {
  /** Name that tells them from other trials: the variant, and settings that take several values. */
  readonly name: string;
  readonly settings: Settings;
}

/**
 * Lists all combinations of values of settings; the last setting changes fastest.
 *
 * @param values Values of each setting as text, e.g. `{ variant: ["raster"], lambda: ["0.1", "0.2"] }`.
 * The variant `clip` is *raster* with CLIP's loss.
 * @param defaults The model's defaults, for all other settings.
 * @param timesteps Number of timesteps of the model's noise schedule.
 * @throws {UserError} If a setting does not exist, or a value is out of its range.
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

/** The number that a text writes, or NaN, which no setting can be. */
function toNumber(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}
