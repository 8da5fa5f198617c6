import { UserError } from "../errors.ts";
import type { ImageInput } from "../image/image_input.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { fusePads } from "../onnx/fuse_pads.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { declaration } from "../onnx/value_info.ts";
import { shrinkConstants } from "../onnx/shrink_constants.ts";

/** Name of the graph's input x̂ (P, 3, M, M), 0..1. */
export const COMPOSITE = "composite";
/** Name of the graph's output e (P, D). */
export const IMAGE_EMBEDS = "image_embeds";

/** What an image encoder's graph is made for. */
export interface ClipGraphOptions {
  /** P. */
  readonly prompts: number;
  /** How it wants images. */
  readonly input: ImageInput;
}

/**
 * CLIP's image encoder as one graph of images in 0..1, e = f((x̂ − mean) / std), around the encoder
 * as it was exported: one image in, `image_embeds` out.
 *
 * @throws {UserError} The graph is none, or its images have another size.
 *
 * @example
 * ```ts
 * import { graphOf } from "../onnx/model.ts";
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { clipGraph } from "./clip_graph.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "pixel_values", dtype: "float32", shape: [1, 3, 4, 4] });
 * const colours = g.reshape(g.reduce("ReduceMean", x, [2, 3]), [1, 3]);
 * const input = { size: 4, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
 * const model = clipGraph(g.build([g.rename(colours, "image_embeds")]), { prompts: 1, input });
 * console.assert(graphOf(model).input[0].name === "composite");
 * ```
 */
export function clipGraph(vision: OnnxModel, { prompts: P, input }: ClipGraphOptions): OnnxModel {
  const { size: M, mean, std } = input;
  const initializers = new Set(graphOf(vision).initializer.map(({ name }) => name));
  const [port, ...others] = graphOf(vision).input.filter(({ name }) => !initializers.has(name));
  if (!port || others.length > 0) {
    throw new UserError(
      `CLIP's image encoder needs one input, an image; found ${port ? others.length + 1 : 0}`,
      "export it as vision_model.onnx, with pixel_values as its only input",
    );
  }
  const outputs = graphOf(vision).output.map(({ name }) => name);
  if (!outputs.includes(IMAGE_EMBEDS)) {
    throw new UserError(
      `CLIP's image encoder must give ${IMAGE_EMBEDS}; it gives ${outputs.join(", ")}`,
      "export it with its projection, as vision_model.onnx of CLIPVisionModelWithProjection",
    );
  }
  const [height, width] = declaration(port)?.dimensions.slice(-2) ?? [];
  if ([height, width].some((side) => typeof side === "number" && side !== M)) {
    throw new UserError(
      `CLIP's image encoder takes images of ${width}×${height} pixels; ` +
        `preprocessor_config.json says ${M}×${M}`,
      "use files of one and the same CLIP",
    );
  }
  const fixed = fixShapes(vision, { [port.name]: [P, 3, M, M] });
  const graph = graphOf(shrinkConstants(fusePads(fixed)));

  const g = new OpBuilder(fixed);
  g.reserve([...graph.node.flatMap(({ output }) => output), IMAGE_EMBEDS, port.name]);
  for (const tensor of graph.initializer) g.addInitializer(tensor);
  const image = g.addInput({ name: COMPOSITE, dtype: "float32", shape: [P, 3, M, M] });
  // (x̂ − mean) / std
  const channels = (values: readonly number[]) => g.constant("float32", [1, 3, 1, 1], [...values]);
  g.alias(g.div(g.sub(image, channels(mean)), channels(std)), port.name);
  for (const node of graph.node) g.addNode(node);
  const embeds = g.value(IMAGE_EMBEDS);
  if (embeds.shape.length === 2 && embeds.shape[0] === P) return g.build([embeds], [image]);
  throw new UserError(
    `CLIP's image encoder must give one embedding an image; for ${P} it gives ` +
      embeds.shape.join("×"),
    "export it with its projection, as vision_model.onnx of CLIPVisionModelWithProjection",
  );
}
