import { graphOf, type OnnxModel } from "../onnx/model.ts";
import { declaration } from "../onnx/value_info.ts";

/**
 * Sizes for the free dimensions of a graph's inputs, by name. ONNX Runtime keeps every node of a
 * graph on the GPU once all are fixed.
 *
 * @param shapes For inputs of each rank, their sizes; those past the end stay as they are.
 *
 * @example
 * ```ts
 * import { readModel } from "../onnx/model.ts";
 * import { freeDimensions } from "./free_dimensions.ts";
 *
 * const url = new URL("../../models/emoji/text_encoder/model.onnx", import.meta.url);
 * const model = readModel(await Deno.readFile(url));
 * const sizes = freeDimensions(model, { 2: [1, 16] });
 * console.assert(Object.values(sizes).every((size) => size === 1 || size === 16));
 * ```
 */
export function freeDimensions(
  model: OnnxModel,
  shapes: Readonly<Record<number, readonly number[]>>,
): Record<string, number> {
  const result: Record<string, number> = {};
  for (const input of graphOf(model).input) {
    const dimensions = declaration(input)?.dimensions ?? [];
    const sizes = shapes[dimensions.length] ?? [];
    for (const [axis, dimension] of dimensions.entries()) {
      const size = sizes[axis];
      if (typeof dimension === "string" && size !== undefined) result[dimension] = size;
    }
  }
  return result;
}
