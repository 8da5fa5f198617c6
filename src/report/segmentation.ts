import { createHash } from "node:crypto";
import type { DiffusionModel } from "../diffusion/model.ts";
import { slugs } from "../files/slug.ts";
import { encodePng } from "../image/encode.ts";
import { onGround } from "../image/ground.ts";
import type { Image } from "../image/image.ts";
import { labelMap } from "../mask/label_map.ts";
import { MASK_KINDS, type MaskKind, renderMask } from "../mask/render.ts";
import { coverage } from "../mask/threshold.ts";
import type { Verdict } from "../mask/verdict.ts";
import type { Segmentation } from "../segment.ts";
import type { Settings } from "../settings/settings.ts";
import { VERSION } from "../version.ts";
import type { OutputFolder } from "./output_folder.ts";

/** The result of one label, and its files. */
export interface WrittenSegmentation {
  readonly segmentation: Segmentation;
  /** Path of each kind that was asked for. */
  readonly files: Readonly<Partial<Record<MaskKind | "timelapse", string>>>;
  /** Fraction of the image's pixels in the mask, 0..1. */
  readonly coverage: number;
}

/** Options of {@link writeSegmentations}. */
export interface WriteOptions {
  /** Start of the files' names, from `fileStem`. */
  readonly stem: string;
  readonly emit: readonly MaskKind[];
  /** The mask is α ≥ this. */
  readonly threshold: number;
  /** Animated GIFs, one per result, if they were asked for. */
  readonly films?: readonly Uint8Array[] | undefined;
}

/** The files of one run of `segment`. */
export interface SegmentFiles {
  /** Start of the files' names, from `fileStem`. */
  readonly stem: string;
  /** The words of each label. */
  readonly prompts: readonly string[];
  readonly emit: readonly MaskKind[];
  readonly timelapse?: boolean | undefined;
  /** Whether the prompts compete, and there is a label map. */
  readonly exclusive?: boolean | undefined;
}

/** Names of all files that a run of `segment` may write. */
export function segmentFiles(
  { stem, prompts, emit, timelapse, exclusive }: SegmentFiles,
): string[] {
  const endings = [...emit.map((kind) => `${kind}.png`), ...timelapse ? ["timelapse.gif"] : []];
  return [
    ...slugs(prompts).flatMap((name) => endings.map((ending) => `${stem}.${name}.${ending}`)),
    ...exclusive ? [`${stem}.labels.png`] : [],
    `${stem}.json`,
  ];
}

/**
 * Writes `<stem>.<prompt>.alpha.png` (8-bit grey), `.mask.png` (0 or 255), `.cutout.png` (RGBA) and
 * `.overlay.png` in the image's size and, if there are films, `.timelapse.gif`.
 *
 * @throws {UserError} If a file cannot be written. The files before it stay, complete.
 */
export async function writeSegmentations(
  folder: OutputFolder,
  image: Image,
  segmentations: readonly Segmentation[],
  { stem, emit, threshold, films }: WriteOptions,
): Promise<WrittenSegmentation[]> {
  const names = slugs(segmentations.map(({ prompt }) => prompt));
  const written = [];
  for (const [i, segmentation] of segmentations.entries()) {
    const files: Partial<Record<MaskKind | "timelapse", string>> = {};
    for (const kind of MASK_KINDS.filter((kind) => emit.includes(kind))) {
      const png = await renderMask(
        kind,
        kind === "overlay" ? onGround(image, segmentation.settings.ground) : image,
        segmentation.alpha,
        threshold,
      );
      files[kind] = await folder.write(`${stem}.${names[i]}.${kind}.png`, png);
    }
    if (films?.[i]) {
      files.timelapse = await folder.write(`${stem}.${names[i]}.timelapse.gif`, films[i]);
    }
    written.push({ segmentation, files, coverage: coverage(segmentation.alpha, threshold) });
  }
  return written;
}

/** A label map's file, and the meaning of its indices. */
export interface WrittenLabelMap {
  /** Path of the indexed PNG, of the image's size. */
  readonly file: string;
  /** One entry per index: the first is of no prompt, the others are the prompts in order. */
  readonly legend: readonly LegendEntry[];
}

/** The meaning of one index of a label map. */
export interface LegendEntry {
  readonly index: number;
  /** Colour of the index in the image's palette, `#rrggbb`. */
  readonly colour: string;
  /** The prompt whose α is the largest and reaches the threshold. Index 0, no prompt, has null. */
  readonly prompt: string | null;
  /** Fraction of the image's pixels, 0..1. The fractions of all entries sum to 1. */
  readonly coverage: number;
}

/**
 * Writes `<stem>.labels.png`, which gives each pixel to one of the prompts that competed, or to none.
 *
 * @param segmentations 1 to 255 segmentations of one image.
 * @throws {UserError} If the file cannot be written.
 */
export async function writeLabelMap(
  folder: OutputFolder,
  segmentations: readonly Segmentation[],
  { stem, threshold }: { readonly stem: string; readonly threshold: number },
): Promise<WrittenLabelMap> {
  const map = labelMap(segmentations[0], segmentations.map(({ alpha }) => alpha), threshold);
  return {
    file: await folder.write(`${stem}.labels.png`, await encodePng(map)),
    legend: map.palette.map((colour, index) => ({
      index,
      colour: `#${Uint8Array.from(colour).toHex()}`,
      prompt: index === 0 ? null : segmentations[index - 1].prompt,
      coverage: map.coverage[index],
    })),
  };
}

/** The report of one run of `segment`, as `--json` prints it. */
export interface SegmentReport {
  /** Peekaboo's version. */
  readonly version: string;
  /** The model's name or folder. */
  readonly model: string;
  /** The device that computed it. */
  readonly device: "webgpu" | "cpu";
  readonly seed: number;
  /** Path of the initial mask, as given, if there was one. */
  readonly initialMask?: string;
  /** Path of the depth map that guided the blur, as given. */
  readonly depthMap?: string;
  /** Name or folder of the network that estimated the depth that guided the blur. */
  readonly depthModel?: string;
  /** Name or folder of the CLIP that judged the masks. */
  readonly clipModel?: string;
  readonly settings: Settings & { readonly threshold: number };
  readonly results: readonly SegmentResult[];
  /** The label map, if the prompts competed. */
  readonly labelMap?: WrittenLabelMap;
}

/** The part of a {@link SegmentReport} for one label. */
export interface SegmentResult {
  /** Path of the image, as given. */
  readonly image: string;
  readonly prompt: string;
  /** The prompts of the label, if it is the mean of several. */
  readonly prompts?: readonly string[];
  /** Path of each file written, by kind. */
  readonly files: WrittenSegmentation["files"];
  /** Fraction of the image's pixels in the mask, 0..1. */
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

/** A {@link SegmentReport} that also identifies, by SHA-256, the bytes that it is about. */
export interface Provenance extends SegmentReport {
  readonly sha256: Sources;
}

/** SHA-256 of the files that a run used, in lower-case hexadecimal. */
export interface Sources {
  readonly image: string;
  readonly model: string;
  readonly initialMask?: string | undefined;
  readonly depthMap?: string | undefined;
  readonly depthModel?: string | undefined;
  readonly clipModel?: string | undefined;
}

/** Inputs of {@link segmentReport}. */
export interface ReportInputs {
  readonly model: DiffusionModel;
  /** Path of the image, as given. */
  readonly image: string;
  /** Path of the initial mask, as given. */
  readonly initialMask?: string | undefined;
  /** The depth that guided the blur, if depth did. */
  readonly depth?:
    | { readonly path: string }
    | { readonly model: { readonly id: string } }
    | undefined;
  /** The CLIP that judged the masks, if one did. */
  readonly clip?: { readonly id: string } | undefined;
  readonly threshold: number;
  /** At least one result. */
  readonly results: readonly WrittenSegmentation[];
  /** The label map, if the prompts competed. */
  readonly labelMap?: WrittenLabelMap | undefined;
}

/** Describes one run. */
export function segmentReport(inputs: ReportInputs): SegmentReport {
  const { model, image, initialMask, depth, clip, threshold, results, labelMap } = inputs;
  const { settings } = results[0].segmentation;
  return {
    version: VERSION,
    model: model.id,
    device: model.backend.device,
    seed: settings.seed,
    ...(initialMask === undefined ? {} : { initialMask }),
    ...(depth && ("path" in depth ? { depthMap: depth.path } : { depthModel: depth.model.id })),
    ...(clip && { clipModel: clip.id }),
    settings: { ...settings, threshold },
    results: results.map(({ segmentation, files, coverage }) => ({
      image,
      prompt: segmentation.prompt,
      ...(segmentation.prompts.length > 1 ? { prompts: segmentation.prompts } : {}),
      files,
      coverage,
      verdict: segmentation.verdict,
      iterations: segmentation.iterations,
      seconds: segmentation.seconds,
      secondsPerIteration: segmentation.seconds / segmentation.iterations,
      ...(segmentation.interrupted ? { interrupted: true as const } : {}),
    })),
    ...(labelMap ? { labelMap } : {}),
  };
}

/** Adds the hashes of the files that a run used to its report, but for those that are undefined. */
export function provenance(report: SegmentReport, sources: Sources): Provenance {
  const known = Object.entries(sources).filter(([, hash]) => hash !== undefined);
  return { ...report, sha256: Object.fromEntries(known) as unknown as Sources };
}

/** SHA-256 of a file's content, in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
