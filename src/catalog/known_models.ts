import emoji from "../../models/emoji.json" with { type: "json" };
import { checkManifest, type ModelManifest } from "./manifest.ts";

/**
 * The models that come with the project, the default one first.
 *
 * @example
 * ```ts
 * import { KNOWN_MODELS } from "./known_models.ts";
 *
 * console.assert(KNOWN_MODELS[0].id === "emoji");
 * ```
 */
export const KNOWN_MODELS: readonly ModelManifest[] = [
  checkManifest(emoji, "models/emoji.json"),
];
