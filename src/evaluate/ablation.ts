import {
  type ModelDefaults,
  resolveSettings,
  type Settings,
  type SettingsOverrides,
} from "../settings/settings.ts";

/**
 * The paper's ablations (figures 10 to 14):
 * - `lambda`: the penalty on α, at multiples of its default;
 * - `parametrization`: α as an implicit function (*Fourier*) and pixel by pixel (*raster*);
 * - `blur`: with the bilateral filter and without.
 *
 * @example
 * ```ts
 * import { ABLATIONS } from "./ablation.ts";
 *
 * console.assert(ABLATIONS.includes("lambda"));
 * ```
 */
export const ABLATIONS = ["lambda", "parametrization", "blur"] as const;

/** One of {@link ABLATIONS}. */
export type Ablation = typeof ABLATIONS[number];

/** One of the runs that an ablation compares. */
export interface AblationRun {
  /** What tells it from the others. */
  readonly name: string;
  /** What it runs with. */
  readonly settings: Settings;
}

/** What λ is multiplied by. */
const MULTIPLES = [0, 0.5, 1, 2, 4];

/**
 * The runs an ablation compares: they differ in what is ablated, and where an expression of α wants
 * an optimiser of its own, in that; all take as many iterations.
 *
 * @param overrides What the user gave; `variant` counts for `lambda` only.
 * @param timesteps Number of timesteps of the model's noise schedule.
 * @throws {UserError} A setting is out of its range.
 *
 * @example
 * ```ts
 * import { GENERIC_DEFAULTS } from "../catalog/models.ts";
 * import { ablationRuns } from "./ablation.ts";
 *
 * const runs = ablationRuns("lambda", GENERIC_DEFAULTS, { lambda: 0.1 }, 1000);
 * console.assert(runs.map(({ settings }) => settings.lambda).join() === "0,0.05,0.1,0.2,0.4");
 * ```
 */
export function ablationRuns(
  what: Ablation,
  defaults: ModelDefaults,
  overrides: SettingsOverrides,
  timesteps: number,
): AblationRun[] {
  const settingsOf = (variant: Settings["variant"] | undefined) =>
    resolveSettings(defaults, { ...overrides, variant }, timesteps);
  switch (what) {
    case "lambda": {
      const settings = settingsOf(overrides.variant);
      return MULTIPLES.map((multiple) => ({
        name: `λ × ${multiple}`,
        settings: { ...settings, lambda: multiple * settings.lambda },
      }));
    }
    case "parametrization": {
      const runs = [settingsOf("fourier"), settingsOf("raster")];
      const iterations = Math.max(...runs.map((settings) => settings.iterations));
      return runs.map((settings) => ({
        name: settings.variant,
        settings: { ...settings, iterations },
      }));
    }
    case "blur": {
      const blurred = settingsOf("rgb-bilateral");
      return [
        { name: "with blur", settings: blurred },
        { name: "without blur", settings: { ...blurred, variant: "raster" } },
      ];
    }
  }
}
