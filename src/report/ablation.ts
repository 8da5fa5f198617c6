import type { DiffusionModel } from "../diffusion/model.ts";
import type { Ablation, AblationFrame, AblationResult } from "../evaluate/ablate.ts";
import { contactSheet } from "../image/contact_sheet.ts";
import { encodePng } from "../image/encode.ts";
import { fromSquare } from "../image/geometry.ts";
import type { Image } from "../image/image.ts";
import { shrink } from "../image/resample.ts";
import { alphaToGrey } from "../mask/cutout.ts";
import { overlay } from "../mask/overlay.ts";
import { slug } from "../files/slug.ts";
import type { Settings } from "../settings/settings.ts";
import { VERSION } from "../version.ts";
import { csv } from "../files/csv.ts";
import type { OutputFolder } from "./output_folder.ts";
import { CSV_HEADER } from "./own_files.ts";
import { type Axes, type Curve, plot } from "./plot.ts";
import { createTimelapse } from "./timelapse.ts";

/** Number of images of α in a row of the contact sheet. An overlay follows them. */
const MOMENTS = 5;
/** Pixels between the images. */
const GAP = 4;
/** Longer side of an image on the sheet, in pixels. */
const SIDE = 192;

/** Inputs of {@link writeAblation}. */
export interface AblationInputs {
  readonly what: Ablation;
  readonly model: DiffusionModel;
  /** Path of the image, as given. */
  readonly path: string;
  readonly image: Image;
  /** Start of the files' names, from `fileStem`. */
  readonly stem: string;
  readonly prompt: string;
  readonly threshold: number;
  /** At least one result. */
  readonly results: readonly AblationResult[];
}

/** The report of one run of `ablate`, as `--json` prints it. */
export interface AblationReport {
  /** Peekaboo's version. */
  readonly version: string;
  /** The model's name or folder. */
  readonly model: string;
  /** The device that computed it. */
  readonly device: "webgpu" | "cpu";
  readonly ablation: Ablation;
  /** Path of the image, as given. */
  readonly image: string;
  readonly prompt: string;
  readonly seed: number;
  readonly files: {
    /** Contact sheet with one row per run: α from the first frame to the last, and an overlay. */
    readonly sheet: string;
    /** The numbers of all frames. */
    readonly csv: string;
    /** Plot of the numbers that the ablation is about, as SVG. */
    readonly plot: string;
    /** Animated GIF of the runs' overlays, side by side. */
    readonly timelapse: string;
  };
  readonly runs: readonly {
    readonly name: string;
    readonly settings: Settings & { readonly threshold: number };
    /** Number of iterations done. */
    readonly iterations: number;
    readonly seconds: number;
    /** Mean of α at the end, 0..1. */
    readonly meanAlpha: number;
    /** Fraction of the pixels with α ≥ the threshold at the end. */
    readonly coverage: number;
    /** Variance of α over the pixels at the end. */
    readonly variance: number;
    /** Set if the run was interrupted before the last iteration. */
    readonly interrupted?: true;
  }[];
}

/** Ends of the names of the files that an ablation writes. */
const ENDINGS = [".png", ".csv", ".svg", ".gif", ".json"];

/** Names of all files that a run of `ablate` may write. */
export function ablationFiles(inputs: Pick<AblationInputs, "what" | "stem" | "prompt">): string[] {
  return ENDINGS.map((end) => `${nameOf(inputs)}${end}`);
}

function nameOf({ what, stem, prompt }: Pick<AblationInputs, "what" | "stem" | "prompt">): string {
  return `${stem}.${slug(prompt)}.ablate-${what}`;
}

/**
 * Writes `<stem>.<prompt>.ablate-<what>.png` (the contact sheet), `.csv`, `.svg` (the plot), `.gif`
 * (the film) and `.json`, the report with the model's hash.
 *
 * @throws {UserError} If a file cannot be written. The files before it stay, complete.
 */
export async function writeAblation(
  folder: OutputFolder,
  inputs: AblationInputs,
): Promise<AblationReport> {
  const { what, model, path, image, prompt, threshold, results } = inputs;
  const name = nameOf(inputs);
  const small = shrink(image, SIDE);
  const shown = results.map((result) => framesOf(result, small, threshold));
  const sheet = contactSheet(shown.map(({ moments, last }) => [...moments, last]), GAP);
  const { curves, axes } = plotted(what, prompt, results);
  const files = {
    sheet: await folder.write(`${name}.png`, await encodePng(sheet)),
    csv: await folder.write(`${name}.csv`, csv(table(results))),
    plot: await folder.write(`${name}.svg`, await plot(curves, axes) + "\n"),
    timelapse: await folder.write(`${name}.gif`, await film(shown.map(({ film }) => film))),
  };
  const report: AblationReport = {
    version: VERSION,
    model: model.id,
    device: model.backend.device,
    ablation: what,
    image: path,
    prompt,
    seed: results[0].settings.seed,
    files,
    runs: results.map(({ name, settings, segmentation, frames }) => {
      const { meanAlpha, coverage, variance } = frames.at(-1)!;
      return {
        name,
        settings: { ...settings, threshold },
        iterations: segmentation.iterations,
        seconds: segmentation.seconds,
        meanAlpha,
        coverage,
        variance,
        ...(segmentation.interrupted ? { interrupted: true as const } : {}),
      };
    }),
  };
  const withHash = { ...report, sha256: { model: model.sha256 } };
  await folder.write(`${name}.json`, JSON.stringify(withHash, null, 2) + "\n");
  return report;
}

/** Images of a run: α at some moments, the last overlay, and all overlays. */
function framesOf({ frames, settings }: AblationResult, image: Image, threshold: number) {
  const { alphaSize, square } = settings;
  const alphaOf = ({ alpha }: AblationFrame) => fromSquare(alpha, alphaSize, image, square);
  const moments = Array.from({ length: MOMENTS }, (_, m) => {
    const frame = frames[Math.round(m * (frames.length - 1) / (MOMENTS - 1))];
    return alphaToGrey(image, alphaOf(frame));
  });
  const overlays = frames.map((frame) => overlay(image, alphaOf(frame), threshold));
  return { moments, last: overlays.at(-1), film: overlays };
}

/** Films all runs side by side. A run that ends early keeps its last frame. */
async function film(runs: readonly (readonly Image[])[]): Promise<Uint8Array> {
  const timelapse = createTimelapse();
  for (let f = 0; f < Math.max(...runs.map(({ length }) => length)); f++) {
    await timelapse.add([contactSheet([runs.map((run) => run[f] ?? run.at(-1))], GAP)]);
  }
  return timelapse.finish()[0];
}

function table(results: readonly AblationResult[]): string[][] {
  const rows = results.flatMap(({ name, settings, frames }) =>
    frames.map(({ iteration, meanAlpha, coverage, variance }) =>
      [name, settings.variant, settings.lambda, iteration, meanAlpha, coverage, variance].map(
        String,
      )
    )
  );
  return [CSV_HEADER, ...rows];
}

/** The numbers that an ablation is about: the final coverage by λ, or the variance by iteration. */
function plotted(
  what: Ablation,
  prompt: string,
  results: readonly AblationResult[],
): { curves: Curve[]; axes: Axes } {
  if (what === "lambda") {
    const curve = (name: string, of: (frame: AblationFrame) => number): Curve => ({
      name,
      points: results.map(({ settings, frames }) => [settings.lambda, of(frames.at(-1)!)]),
    });
    return {
      curves: [
        curve("mean of α", ({ meanAlpha }) => meanAlpha),
        curve("pixels in the mask", ({ coverage }) => coverage),
      ],
      axes: { title: prompt, x: "λ", y: "α coverage" },
    };
  }
  return {
    curves: results.map(({ name, frames }) => ({
      name,
      points: frames.map(({ iteration, variance }) => [iteration, variance]),
    })),
    axes: { title: prompt, x: "iteration", y: "variance of α over the pixels" },
  };
}
