import type { DiffusionModel } from "../diffusion/model.ts";
import type { SampleSettings } from "../settings/sample_settings.ts";
import { encodePng } from "../image/encode.ts";
import { slugs } from "../files/slug.ts";
import type { Sample } from "../sample.ts";
import { VERSION } from "../version.ts";
import type { OutputFolder } from "./output_folder.ts";

/** The report of one run of `sample`, as `--json` prints it. */
export interface SampleReport {
  /** Peekaboo's version. */
  readonly version: string;
  /** The model's name or folder. */
  readonly model: string;
  /** The device that computed it. */
  readonly device: "webgpu" | "cpu";
  readonly seed: number;
  readonly settings: SampleSettings;
  readonly results: readonly SampleResult[];
}

/** The part of a {@link SampleReport} for one image. */
export interface SampleResult {
  readonly prompt: string;
  /** Number of the image among those of its prompt, from 0. */
  readonly index: number;
  /** Path of the file written. */
  readonly file: string;
  /** Seconds of the whole run, all prompts and images together. */
  readonly seconds: number;
  /** Set if the run was interrupted before the last image. */
  readonly interrupted?: true;
}

/** Names of all files that a run of `sample` may write, with `count` images per prompt. */
export function sampleFiles(prompts: readonly string[], count: number): string[] {
  const indices = Array.from({ length: count }, (_, index) => index);
  const images = slugs(prompts).flatMap((name) => indices.map((i) => imageFile(name, i, count)));
  return [...images, "sample.json"];
}

function imageFile(name: string, index: number, count: number): string {
  return `sample.${name}${count > 1 ? `.${index + 1}` : ""}.png`;
}

/**
 * Writes `sample.<prompt>.png` or, if there are several images per prompt,
 * `sample.<prompt>.<number from 1>.png`; and `sample.json`, the report with the model's hash.
 *
 * @param samples At least one, all from one call.
 * @throws {UserError} If a file cannot be written. The files before it stay, complete.
 */
export async function writeSamples(
  folder: OutputFolder,
  model: DiffusionModel,
  samples: readonly Sample[],
): Promise<SampleReport> {
  const [{ settings }] = samples;
  const firsts = samples.filter(({ index }) => index === 0);
  const names = slugs(firsts.map(({ prompt }) => prompt));
  const results: SampleResult[] = [];
  for (const [i, { prompt, index, image, seconds, interrupted }] of samples.entries()) {
    const name = names[Math.floor(i * names.length / samples.length)];
    const png = await encodePng(image);
    results.push({
      prompt,
      index,
      file: await folder.write(imageFile(name, index, settings.count), png),
      seconds,
      ...(interrupted ? { interrupted: true as const } : {}),
    });
  }
  const report: SampleReport = {
    version: VERSION,
    model: model.id,
    device: model.backend.device,
    seed: settings.seed,
    settings,
    results,
  };
  const withHash = { ...report, sha256: { model: model.sha256 } };
  await folder.write("sample.json", JSON.stringify(withHash, null, 2) + "\n");
  return report;
}
