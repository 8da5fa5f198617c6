import * as v from "npm:valibot@1.5.0";
import type { ImageInput } from "../image/image_input.ts";
import type { ModelDefaults } from "../settings/settings.ts";
import { checkValue, POSITIVE_INTEGER } from "../files/check_json.ts";
import { MODEL_DEFAULTS } from "../settings/manifest_settings.ts";
import { MODEL_ID } from "./manifest.ts";

/** What a model does. */
export type ModelKind = "text-to-image" | "depth" | "clip" | "segmentation";

/** A model that is downloaded when it is asked for: `models/<id>.json`. */
export interface RemoteManifest {
  /** Name on the command line: lower-case letters, digits and `-`. */
  readonly id: string;
  /** Name for people. */
  readonly title: string;
  /** What it is, in a sentence or two. */
  readonly description: string;
  /** Why a text-to-image model may give no good masks, in one sentence; only if it may not. */
  readonly experimental?: string;
  /** The weights' licence: an SPDX identifier, else its name. */
  readonly licence: string;
  /** What it does. */
  readonly kind: ModelKind;
  /** Where its files are: a repository of the hub, or a release on GitHub with files attached. */
  readonly source: {
    readonly host: "hub" | "github-release";
    /** `owner/name`. */
    readonly repository: string;
    /** Branch, tag or commit; of a release, its tag. */
    readonly revision: string;
  };
  /** Its files; `layout` is all of the repository that belongs to a text-to-image model. */
  readonly files: "layout" | readonly string[];
  /** About how much that is, to be known before the hub is asked. */
  readonly approximateBytes?: number;
  /** Side of a text-to-image model's images in pixels. */
  readonly imageSize?: number;
  /** Settings that suit a text-to-image model. */
  readonly defaults?: ModelDefaults;
  /** How a network that sees images wants them. */
  readonly input?: ImageInput;
}

const CHANNELS = v.pipe(v.array(v.number()), v.length(3, "three numbers"));

const MANIFEST: v.GenericSchema<unknown, RemoteManifest> = v.strictObject({
  id: MODEL_ID,
  title: v.string(),
  description: v.string(),
  experimental: v.exactOptional(v.pipe(v.string(), v.regex(/^[A-Z].*\.$/, "one sentence"))),
  licence: v.string(),
  kind: v.picklist(["text-to-image", "depth", "clip", "segmentation"]),
  source: v.strictObject({
    host: v.picklist(["hub", "github-release"]),
    repository: v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/, "owner/name")),
    revision: v.pipe(v.string(), v.regex(/^[\w-][\w.-]*$/, "a branch, tag or commit")),
  }),
  files: v.union([
    v.literal("layout"),
    v.array(v.pipe(v.string(), v.regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/, "a path"))),
  ]),
  approximateBytes: v.exactOptional(POSITIVE_INTEGER),
  imageSize: v.exactOptional(POSITIVE_INTEGER),
  defaults: v.exactOptional(MODEL_DEFAULTS),
  input: v.exactOptional(v.strictObject({
    size: POSITIVE_INTEGER,
    multipleOf: v.exactOptional(POSITIVE_INTEGER),
    mean: CHANNELS,
    std: CHANNELS,
  })),
});

/**
 * Checks that a value is the manifest of a model that is downloaded.
 *
 * @param value What the JSON file holds.
 * @param name What to call the file in messages.
 * @throws {UserError} If a field is missing, unknown or out of range.
 *
 * @example
 * ```ts
 * import manifest from "../../models/stable-diffusion-v1-4.json" with { type: "json" };
 * import { checkRemoteManifest } from "./remote_manifest.ts";
 *
 * const { source } = checkRemoteManifest(manifest, "stable-diffusion-v1-4.json");
 * console.assert(source.repository === "CompVis/stable-diffusion-v1-4");
 * ```
 */
export function checkRemoteManifest(value: unknown, name: string): RemoteManifest {
  return checkValue(MANIFEST, value, name);
}
