import type { DiffusionModel } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import { openClipModel } from "../models/open_clip.ts";
import type { ClipModel } from "../clip/clip_model.ts";
import type { Settings } from "../settings/settings.ts";
import type { Io } from "./io.ts";
import { openCompanion } from "./open_companion.ts";

/** What judges masks, as the user gave it. */
export interface ClipChoice {
  readonly loss?: Settings["loss"] | undefined;
  readonly clipModel?: string | undefined;
  readonly quiet?: boolean | undefined;
}

/**
 * Opens `--clip-model`, or the diffusion model's own CLIP; nothing for a loss that does not ask it.
 *
 * @throws {UserError} One is given for such a loss; there is no such CLIP, or none at all.
 */
export async function openClip(
  io: Io,
  model: DiffusionModel,
  { loss = "sds", clipModel, quiet = false }: ClipChoice,
): Promise<ClipModel | undefined> {
  if (loss !== "clip") {
    if (clipModel === undefined) return undefined;
    throw new UserError("Cannot use --clip-model: only the loss clip asks CLIP", "add --loss clip");
  }
  const clip = clipModel === undefined
    ? await model.clipModel()
    : await openCompanion(io, clipModel, quiet, openClipModel);
  if (clip) return clip;
  throw new UserError(
    `Model "${model.id}" has no CLIP of its own, which --loss clip needs`,
    "give --clip-model",
  );
}
