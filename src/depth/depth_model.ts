import type { ExternalData } from "../backend/backend.ts";
import type { ImageInput } from "../image/image_input.ts";
import type { OnnxModel } from "../onnx/model.ts";

/**
 * A network that sees how far everything in an image is away, with MiDaS's contract: one image
 * (1, 3, H, W) in, one number a pixel (1, H, W) or (1, 1, H, W) out. From `openDepthModel`.
 */
export interface DepthModel {
  /** Name or folder, as results name the model. */
  readonly id: string;
  /** SHA-256 over the model's files, lower-case hexadecimal. */
  readonly sha256: string;
  /** How it wants the image. */
  readonly input: ImageInput;
  /** Reads the graph, of any operator set. */
  graph(): Promise<{
    readonly bytes: Uint8Array;
    readonly model: OnnxModel;
    readonly externalData: readonly ExternalData[];
  }>;
}
