import type { DiffusionModel } from "../diffusion/model.ts";
import type { Generation, Layer } from "../generate.ts";
import type { GenerateSettings } from "../settings/generate_settings.ts";
import { encodePng } from "../image/encode.ts";
import type { Image } from "../image/image.ts";
import { alphaToGrey, rgba } from "../mask/cutout.ts";
import { overCheckerboard } from "../mask/overlay.ts";
import { slugs } from "../files/slug.ts";
import { coverage, DEFAULT_THRESHOLD } from "../mask/threshold.ts";
import type { Verdict } from "../mask/verdict.ts";
import { VERSION } from "../version.ts";
import type { OutputFolder } from "./output_folder.ts";

/** The report of one run of `generate`, as `--json` prints it. */
export interface GenerateReport {
  /** Peekaboo's version. */
  readonly version: string;
  /** The model's name or folder. */
  readonly model: string;
  /** The device that computed it. */
  readonly device: "webgpu" | "cpu";
  readonly seed: number;
  readonly settings: GenerateSettings;
  readonly results: readonly GenerateResult[];
}

/** Paths of one image's files. */
export interface LayerFiles {
  /** PNG with transparency: colours and α. */
  readonly rgba: string;
  /** PNG of the image over a checkerboard. */
  readonly preview: string;
  /** PNG of α as 8-bit grey. */
  readonly alpha: string;
  /** Animated GIF of the optimisation, if it was asked for. */
  readonly timelapse?: string;
}

/** The part of a {@link GenerateReport} for one image. */
export interface GenerateResult {
  readonly prompt: string;
  readonly files: LayerFiles;
  /** Fraction of the pixels with α ≥ ½, 0..1. */
  readonly coverage: number;
  /** Says if the mask can be trusted. */
  readonly verdict: Verdict;
  /** Number of iterations done. */
  readonly iterations: number;
  /** Seconds of the iterations of all prompts, which run as one batch. */
  readonly seconds: number;
  readonly secondsPerIteration: number;
  /** Set if the run was interrupted before the last iteration. */
  readonly interrupted?: true;
}

/** Names of all files that a run of `generate` may write. */
export function generateFiles(prompts: readonly string[], timelapse?: boolean): string[] {
  const endings = [...LAYER_ENDINGS, ...timelapse ? [".timelapse.gif"] : []];
  const images = slugs(prompts).flatMap((name) => endings.map((end) => `generate.${name}${end}`));
  return [...images, "generate.json"];
}

/** Ends of the names of the files that {@link writeLayer} writes. */
export const LAYER_ENDINGS = [".png", ".preview.png", ".alpha.png"] as const;

/**
 * Writes `generate.<prompt>.png` (RGBA), `.preview.png`, `.alpha.png` and, if there are films,
 * `.timelapse.gif`; and `generate.json`, the report with the model's hash.
 *
 * @param generations At least one, all from one call.
 * @param films Animated GIFs, one per image, if they were asked for.
 * @throws {UserError} If a file cannot be written. The files before it stay, complete.
 */
export async function writeGenerations(
  folder: OutputFolder,
  model: DiffusionModel,
  generations: readonly Generation[],
  films: readonly Uint8Array[] | undefined,
): Promise<GenerateReport> {
  const [{ settings }] = generations;
  const names = slugs(generations.map(({ prompt }) => prompt));
  const results: GenerateResult[] = [];
  for (const [i, generation] of generations.entries()) {
    const { prompt, alpha, verdict, iterations, seconds, interrupted } = generation;
    const stem = `generate.${names[i]}`;
    const files = await writeLayer(folder, stem, generation);
    const timelapse = films && await folder.write(`${stem}.timelapse.gif`, films[i]);
    results.push({
      prompt,
      files: { ...files, ...(timelapse ? { timelapse } : {}) },
      coverage: coverage(alpha, DEFAULT_THRESHOLD),
      verdict,
      iterations,
      seconds,
      secondsPerIteration: seconds / iterations,
      ...(interrupted ? { interrupted: true as const } : {}),
    });
  }
  const report: GenerateReport = {
    version: VERSION,
    model: model.id,
    device: model.backend.device,
    seed: settings.seed,
    settings,
    results,
  };
  const withHash = { ...report, sha256: { model: model.sha256 } };
  await folder.write("generate.json", JSON.stringify(withHash, null, 2) + "\n");
  return report;
}

/** Writes an image with transparency, its preview and its α. */
export async function writeLayer(
  folder: OutputFolder,
  stem: string,
  { image, alpha }: Layer,
): Promise<LayerFiles> {
  const write = async (name: string, image: Image) =>
    await folder.write(name, await encodePng(image));
  return {
    rgba: await write(`${stem}.png`, rgba(image, alpha)),
    preview: await write(`${stem}.preview.png`, overCheckerboard(image, alpha)),
    alpha: await write(`${stem}.alpha.png`, alphaToGrey(image, alpha)),
  };
}
