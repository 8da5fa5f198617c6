import type { DiffusionModel } from "../diffusion/model.ts";
import type { GenerateSettings } from "../settings/generate_settings.ts";
import type { Grid, GridImages, GridPrompts } from "../grid.ts";
import { contactSheet } from "../image/contact_sheet.ts";
import { encodePng } from "../image/encode.ts";
import type { Image } from "../image/image.ts";
import { overCheckerboard } from "../mask/overlay.ts";
import { slugs } from "../files/slug.ts";
import { coverage, DEFAULT_THRESHOLD } from "../mask/threshold.ts";
import type { Verdict } from "../mask/verdict.ts";
import { VERSION } from "../version.ts";
import { LAYER_ENDINGS, type LayerFiles, writeLayer } from "./generations.ts";
import type { OutputFolder } from "./output_folder.ts";

/** Pixels between the images of a contact sheet. */
const GAP = 2;

/** The report of one run of `grid`, as `--json` prints it. */
export interface GridReport {
  /** Peekaboo's version. */
  readonly version: string;
  /** The model's name or folder. */
  readonly model: string;
  /** The device that computed it. */
  readonly device: "webgpu" | "cpu";
  readonly seed: number;
  readonly settings: GenerateSettings & { readonly template: string };
  /** Caption of each cell: all of the first foreground, then all of the next. */
  readonly captions: readonly string[];
  /** Path of the contact sheet. */
  readonly sheet: string;
  /** Path of the animated GIF of the sheet, if it was asked for. */
  readonly timelapse?: string;
  readonly foregrounds: readonly {
    readonly prompt: string;
    readonly files: LayerFiles;
    /** Fraction of the pixels with α ≥ ½, 0..1. */
    readonly coverage: number;
    /** Says if the mask can be trusted. */
    readonly verdict: Verdict;
  }[];
  readonly backgrounds: readonly { readonly prompt: string; readonly file: string }[];
  /** Number of iterations done. */
  readonly iterations: number;
  /** Seconds of all iterations. */
  readonly seconds: number;
  readonly secondsPerIteration: number;
  /** Set if the run was interrupted before the last iteration. */
  readonly interrupted?: true;
}

/** Contact sheet of a grid: foregrounds on the left, backgrounds on top, cells between them. */
export function gridSheet({ foregrounds, backgrounds, cells }: GridImages): Image {
  const columns = backgrounds.length;
  const rows = foregrounds.map(({ image, alpha }, f) => [
    overCheckerboard(image, alpha),
    ...cells.slice(f * columns, (f + 1) * columns),
  ]);
  return contactSheet([[undefined, ...backgrounds], ...rows], GAP);
}

/** Names of all files that a run of `grid` may write. */
export function gridFiles(
  { foregrounds, backgrounds }: GridPrompts,
  timelapse?: boolean,
): string[] {
  return [
    "grid.png",
    ...timelapse ? ["grid.timelapse.gif"] : [],
    ...slugs(foregrounds).flatMap((name) =>
      LAYER_ENDINGS.map((end) => `grid.foreground.${name}${end}`)
    ),
    ...slugs(backgrounds).map((name) => `grid.background.${name}.png`),
    "grid.json",
  ];
}

/**
 * Writes `grid.png`, the contact sheet; `grid.foreground.<prompt>.png` (RGBA), `.preview.png` and
 * `.alpha.png` per foreground; `grid.background.<prompt>.png` per background; `grid.timelapse.gif`, if
 * there is a film; and `grid.json`, the report with the model's hash.
 *
 * @param film Animated GIF of the sheet, if it was asked for.
 * @throws {UserError} If a file cannot be written. The files before it stay, complete.
 */
export async function writeGrid(
  folder: OutputFolder,
  model: DiffusionModel,
  prompts: GridPrompts,
  grid: Grid,
  film: Uint8Array | undefined,
): Promise<GridReport> {
  const { settings, template, captions, iterations, seconds } = grid;
  const write = async (name: string, image: Image) =>
    await folder.write(name, await encodePng(image));
  const sheet = await write("grid.png", gridSheet(grid));
  const timelapse = film && await folder.write("grid.timelapse.gif", film);
  const foregrounds = [];
  for (const [f, name] of slugs(prompts.foregrounds).entries()) {
    const layer = grid.foregrounds[f];
    foregrounds.push({
      prompt: prompts.foregrounds[f],
      files: await writeLayer(folder, `grid.foreground.${name}`, layer),
      coverage: coverage(layer.alpha, DEFAULT_THRESHOLD),
      verdict: grid.verdicts[f],
    });
  }
  const backgrounds = [];
  for (const [b, name] of slugs(prompts.backgrounds).entries()) {
    const file = await write(`grid.background.${name}.png`, grid.backgrounds[b]);
    backgrounds.push({ prompt: prompts.backgrounds[b], file });
  }
  const report: GridReport = {
    version: VERSION,
    model: model.id,
    device: model.backend.device,
    seed: settings.seed,
    settings: { ...settings, template },
    captions,
    sheet,
    ...(timelapse ? { timelapse } : {}),
    foregrounds,
    backgrounds,
    iterations,
    seconds,
    secondsPerIteration: seconds / iterations,
    ...(grid.interrupted ? { interrupted: true as const } : {}),
  };
  const withHash = { ...report, sha256: { model: model.sha256 } };
  await folder.write("grid.json", JSON.stringify(withHash, null, 2) + "\n");
  return report;
}
