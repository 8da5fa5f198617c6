import emoji64 from "../../models/emoji-64.json" with { type: "json" };
import { checkManifest, type ModelManifest } from "./manifest.ts";

/**
 * The models that come with the project, the default one first.
 *
 * @example
 * ```ts
 * import { KNOWN_MODELS } from "./known_models.ts";
 *
 * console.assert(KNOWN_MODELS[0].id === "emoji-64");
 * ```
 */
export const KNOWN_MODELS: readonly ModelManifest[] = [
  checkManifest(emoji64, "models/emoji-64.json"),
];
