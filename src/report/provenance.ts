import { createHash } from "node:crypto";
import type { DiffusionModel } from "../diffusion/model.ts";
import type { Settings } from "../settings/settings.ts";
import type { Verdict } from "../mask/verdict.ts";
import { VERSION } from "../version.ts";
import type { WrittenLabelMap } from "./label_map.ts";
import type { WrittenSegmentation } from "./segmentation.ts";

/** What one run of `segment` did, as `--json` prints it. */
export interface SegmentReport {
  /** Peekaboo's version. */
  readonly version: string;
  /** The model's name or folder. */
  readonly model: string;
  /** Where it was computed. */
  readonly device: "webgpu" | "cpu";
  readonly seed: number;
  /** Path of the mask that was started from, as given, if there was one. */
  readonly initialMask?: string;
  /** Path of the depth map that the blur followed, as given. */
  readonly depthMap?: string;
  /** Name or folder of the network that saw the depth the blur followed. */
  readonly depthModel?: string;
  /** Name or folder of the CLIP that judged the masks. */
  readonly clipModel?: string;
  readonly settings: Settings & { readonly threshold: number };
  readonly results: readonly SegmentResult[];
  /** Which prompt each pixel is of, if they competed. */
  readonly labelMap?: WrittenLabelMap;
}

/** One label's part of a {@link SegmentReport}. */
export interface SegmentResult {
  /** Path of the image, as given. */
  readonly image: string;
  readonly prompt: string;
  /** The prompts whose mean the label is, if it is one. */
  readonly prompts?: readonly string[];
  /** Paths of the files written, by kind. */
  readonly files: WrittenSegmentation["files"];
  /** Fraction of the image's pixels in the mask, 0..1. */
  readonly coverage: number;
  /** Whether the mask can be trusted. */
  readonly verdict: Verdict;
  /** Iterations done. */
  readonly iterations: number;
  /** Seconds the iterations took, all prompts together: they run as one batch. */
  readonly seconds: number;
  readonly secondsPerIteration: number;
  /** Set when the run was interrupted before the last iteration. */
  readonly interrupted?: true;
}

/** A {@link SegmentReport} that also says, by SHA-256, which bytes it is about. */
export interface Provenance extends SegmentReport {
  readonly sha256: Sources;
}

/** SHA-256 of what a run was made from, lower-case hexadecimal. */
export interface Sources {
  readonly image: string;
  readonly model: string;
  readonly initialMask?: string | undefined;
  readonly depthMap?: string | undefined;
  readonly depthModel?: string | undefined;
  readonly clipModel?: string | undefined;
}

/** What {@link segmentReport} reports on. */
export interface ReportInputs {
  readonly model: DiffusionModel;
  /** Path of the image, as given. */
  readonly image: string;
  /** Path of the mask that was started from, as given. */
  readonly initialMask?: string | undefined;
  /** What the blur followed, if that was depth. */
  readonly depth?:
    | { readonly path: string }
    | { readonly model: { readonly id: string } }
    | undefined;
  /** What judged the masks, if that was CLIP. */
  readonly clip?: { readonly id: string } | undefined;
  readonly threshold: number;
  /** At least one. */
  readonly results: readonly WrittenSegmentation[];
  /** If the prompts competed. */
  readonly labelMap?: WrittenLabelMap | undefined;
}

/** The report of one run. */
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

/** A report with the hashes of what it was made from; those that are undefined are left out. */
export function provenance(report: SegmentReport, sources: Sources): Provenance {
  const known = Object.entries(sources).filter(([, hash]) => hash !== undefined);
  return { ...report, sha256: Object.fromEntries(known) as unknown as Sources };
}

/** SHA-256 of a file's content, lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
