import * as v from "npm:valibot@1.5.0";
import { checkValue, POSITIVE_INTEGER } from "../files/check_json.ts";
import type { ImageInput } from "../image/image_input.ts";
import { MODEL_DEFAULTS, SAMPLING_DEFAULTS } from "../settings/manifest_settings.ts";
import type { SamplingDefaults } from "../settings/sample_settings.ts";
import type { ModelDefaults } from "../settings/settings.ts";

/** The task of a model. */
export type ModelKind = "text-to-image" | "depth" | "clip" | "segmentation";

/** A model that the project knows by name: `models/<id>.json`. */
export interface ModelManifest {
  /** Name on the command line: lower-case letters, digits and `-`. */
  readonly id: string;
  /** Name for people. */
  readonly title: string;
  /** A sentence or two about the model and what it knows. */
  readonly description: string;
  /** Why a text-to-image model may give no good masks, in one sentence; only if it may not. */
  readonly experimental?: string;
  /** Licence of the weights: an SPDX identifier, else its name. */
  readonly licence: string;
  /** Its task. */
  readonly kind: ModelKind;
  /** The place of its files. */
  readonly source: ManifestSource;
  /** Approximate size of all files, which a list shows before the hub is asked. */
  readonly approximateBytes?: number;
  /** Side of a text-to-image model's images in pixels. */
  readonly imageSize?: number;
  /** The words that the model knows, if it knows few: in lower case, between spaces. */
  readonly vocabulary?: string;
  /** Settings that suit a text-to-image model, where the user gives none. */
  readonly defaults?: ModelDefaults;
  /** Settings that suit its images, where the user gives none. */
  readonly sampling?: SamplingDefaults;
  /** Size and normalisation of the images that a network takes. */
  readonly input?: ImageInput;
}

/**
 * The place of a model's files, and the list of them: the folder `models/<id>` of the project, with all
 * its files; a repository `owner/name` of the hub at a branch, tag or commit, with paths, or `layout`
 * for every file of the diffusers layout; or the files attached to a release on GitHub, at its tag.
 */
export type ManifestSource =
  | { readonly host: "embedded"; readonly files: readonly ManifestFile[] }
  | {
    readonly host: "hub";
    readonly repository: string;
    readonly revision: string;
    readonly files: "layout" | readonly string[];
  }
  | {
    readonly host: "release";
    readonly repository: string;
    readonly revision: string;
    readonly files: readonly string[];
  };

/** A file of a model, with the length and hash that prove it whole. */
export interface ManifestFile {
  /** Path inside the model's folder, with `/`. */
  readonly path: string;
  /** Length in bytes. */
  readonly bytes: number;
  /** SHA-256 of the content, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** Manifest of a model that comes with the project. */
export type EmbeddedManifest = ModelManifest & {
  readonly source: Extract<ManifestSource, { host: "embedded" }>;
};

/** Whether a model comes with the project. */
export function isEmbedded(manifest: ModelManifest): manifest is EmbeddedManifest {
  return manifest.source.host === "embedded";
}

const PATHS = v.array(
  v.pipe(v.string(), v.regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/, "a path")),
);

const REPOSITORY = {
  repository: v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/, "owner/name")),
  revision: v.pipe(v.string(), v.regex(/^[\w-][\w.-]*$/, "a branch, tag or commit")),
};

const SOURCE = v.variant("host", [
  v.strictObject({
    host: v.literal("embedded"),
    files: v.array(v.strictObject({
      path: v.pipe(
        v.string(),
        v.regex(/^(?!.*\.\.)[\w-][\w./-]*$/, "a path inside the model's folder"),
      ),
      bytes: POSITIVE_INTEGER,
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits")),
    })),
  }),
  v.strictObject({
    host: v.literal("hub"),
    ...REPOSITORY,
    files: v.union([v.literal("layout"), PATHS]),
  }),
  v.strictObject({ host: v.literal("release"), ...REPOSITORY, files: PATHS }),
]);

const CHANNELS = v.pipe(v.array(v.number()), v.length(3, "three numbers"));

const MANIFEST: v.GenericSchema<unknown, ModelManifest> = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, "lower-case letters, digits and -")),
  title: v.string(),
  description: v.string(),
  experimental: v.exactOptional(v.pipe(v.string(), v.regex(/^[A-Z].*\.$/, "one sentence"))),
  licence: v.string(),
  kind: v.picklist(["text-to-image", "depth", "clip", "segmentation"]),
  source: SOURCE,
  approximateBytes: v.exactOptional(POSITIVE_INTEGER),
  imageSize: v.exactOptional(POSITIVE_INTEGER),
  vocabulary: v.exactOptional(
    v.pipe(v.string(), v.regex(/^\S+( \S+)*$/, "words between single spaces")),
  ),
  defaults: v.exactOptional(MODEL_DEFAULTS),
  sampling: v.exactOptional(SAMPLING_DEFAULTS),
  input: v.exactOptional(v.strictObject({
    size: POSITIVE_INTEGER,
    multipleOf: v.exactOptional(POSITIVE_INTEGER),
    mean: CHANNELS,
    std: CHANNELS,
  })),
});

/**
 * Checks that a value is a model's manifest.
 *
 * @param name The file's name in messages.
 * @throws {UserError} A field is missing, unknown or out of range.
 */
export function checkManifest(value: unknown, name: string): ModelManifest {
  return checkValue(MANIFEST, value, name);
}

const DEFAULTS = v.strictObject({ defaults: MODEL_DEFAULTS, sampling: SAMPLING_DEFAULTS });

/**
 * Checks that a value holds the settings of models whose manifests give none.
 *
 * @param name The file's name in messages.
 * @throws {UserError} A setting is missing, unknown or out of range.
 */
export function checkDefaults(
  value: unknown,
  name: string,
): { defaults: ModelDefaults; sampling: SamplingDefaults } {
  return checkValue(DEFAULTS, value, name);
}
