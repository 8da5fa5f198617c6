import * as v from "npm:valibot@1.5.0";
import { checkValue, POSITIVE_INTEGER } from "../files/check_json.ts";
import { MODEL_DEFAULTS, SAMPLING_DEFAULTS } from "../settings/manifest_settings.ts";
import type { SamplingDefaults } from "../settings/sample_settings.ts";
import type { ModelDefaults } from "../settings/settings.ts";

/** A file of a model, and what tells that it arrived whole. */
export interface ManifestFile {
  /** Path inside the model's folder, with `/`. */
  readonly path: string;
  /** Length in bytes. */
  readonly bytes: number;
  /** SHA-256 of the content, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** A model the project knows by name: `models/<id>.json`, beside the folder `models/<id>`. */
export interface ModelManifest {
  /** Name on the command line, also the folder's: lower-case letters, digits and `-`. */
  readonly id: string;
  /** Name for people. */
  readonly title: string;
  /** What the model knows, in a sentence or two. */
  readonly description: string;
  /** SPDX identifier of the weights' licence. */
  readonly licence: string;
  /** Side of the model's images in pixels. */
  readonly imageSize: number;
  /** Every file of the model's folder. */
  readonly files: readonly ManifestFile[];
  /** Settings that suit the model, where the user gives none. */
  readonly defaults: ModelDefaults;
  /** Settings that suit its images, where the user gives none. */
  readonly sampling?: SamplingDefaults | undefined;
}

/** The schema of a model's name. */
export const MODEL_ID: v.GenericSchema<unknown, string> = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9-]+$/, "lower-case letters, digits and -"),
);

const DEFAULTS = v.strictObject({ defaults: MODEL_DEFAULTS, sampling: SAMPLING_DEFAULTS });

/**
 * Checks that a value holds the settings of models whose manifests give none.
 *
 * @param value What the JSON file holds.
 * @param name What to call the file in messages.
 * @throws {UserError} If a setting is missing, unknown or out of range.
 */
export function checkDefaults(
  value: unknown,
  name: string,
): { defaults: ModelDefaults; sampling: SamplingDefaults } {
  return checkValue(DEFAULTS, value, name);
}

const MANIFEST: v.GenericSchema<unknown, ModelManifest> = v.strictObject({
  id: MODEL_ID,
  title: v.string(),
  description: v.string(),
  licence: v.string(),
  imageSize: POSITIVE_INTEGER,
  files: v.array(v.strictObject({
    path: v.pipe(
      v.string(),
      v.regex(/^(?!.*\.\.)[\w-][\w./-]*$/, "a path inside the model's folder"),
    ),
    bytes: POSITIVE_INTEGER,
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits")),
  })),
  defaults: MODEL_DEFAULTS,
  sampling: v.optional(SAMPLING_DEFAULTS),
});

/**
 * Checks that a value is a model's manifest.
 *
 * @param value What the JSON file holds.
 * @param name What to call the file in messages.
 * @throws {UserError} If a field is missing, unknown or out of range.
 *
 * @example
 * ```ts
 * import emoji from "../../models/emoji.json" with { type: "json" };
 * import { checkManifest } from "./manifest.ts";
 *
 * console.assert(checkManifest(emoji, "emoji.json").imageSize === 64);
 * ```
 */
export function checkManifest(value: unknown, name: string): ModelManifest {
  return checkValue(MANIFEST, value, name);
}
