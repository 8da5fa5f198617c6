import type { ExternalData } from "../backend/backend.ts";
import type { ImageInput } from "../image/image_input.ts";
import type { OnnxModel } from "../onnx/model.ts";
import type { TokenizerFiles } from "./tokenize.ts";

/** The two encoders of CLIP, each with its projection. */
export type ClipGraphName = "text_model" | "vision_model";

/**
 * CLIP (Radford et al. 2021): a text and an image encoder whose embeddings are alike where the text
 * fits the image. From `openClipModel`.
 */
export interface ClipModel {
  /** Name or folder, as results name the model. */
  readonly id: string;
  /** SHA-256 over the model's files, lower-case hexadecimal. */
  readonly sha256: string;
  /** How the image encoder wants the image. */
  readonly input: ImageInput;
  /** What a cosine similarity is multiplied by to be a logit: e to the power of CLIP's parameter. */
  readonly logitScale: number;
  /** Of the text encoder; the diffusion model's, if it has none of its own. */
  readonly tokenizer: TokenizerFiles | undefined;
  /** Reads one of the encoders, computing in float32. */
  graph(name: ClipGraphName): Promise<{
    readonly bytes: Uint8Array;
    readonly model: OnnxModel;
    readonly externalData: readonly ExternalData[];
  }>;
}
