import type { ImageInput } from "../image/image_input.ts";
import type { LoadedGraph } from "../networks/loaded_graph.ts";
import type { TokenizerFiles } from "../prompt/tokenize.ts";

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
  /** Size and normalisation of the image encoder's images. */
  readonly input: ImageInput;
  /** The factor from a cosine similarity to a logit: e to the power of CLIP's parameter. */
  readonly logitScale: number;
  /** Texts of the tokenizer's files; without them, CLIP reads with the diffusion model's tokenizer. */
  readonly tokenizer: TokenizerFiles | undefined;
  /** The words that CLIP knows, in lower case between spaces, if a manifest lists them. */
  readonly vocabulary?: string | undefined;
  /**
   * Reads one of the encoders, in float32.
   *
   * @internal
   */
  readonly graph: (name: ClipGraphName) => Promise<LoadedGraph>;
}
