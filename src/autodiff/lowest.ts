/**
 * The lowest finite number of an element type.
 *
 * @module
 */
import type { TensorType } from "../onnx/value.ts";

/** The lowest finite number of the element type, which stands for −∞ without making 0·∞. */
export function lowest({ dtype }: TensorType): number {
  switch (dtype) {
    case "float16":
      return -65504;
    case "float64":
      return -Number.MAX_VALUE;
    default:
      return -3.4028234663852886e38;
  }
}
