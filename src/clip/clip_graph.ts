import { UserError } from "../errors.ts";
import type { ImageInput } from "../image/image_input.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { fusePads } from "../onnx/fuse_pads.ts";
import { graphOf, inputsOf, type OnnxModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { declaration } from "../onnx/value_info.ts";
import { shrinkConstants } from "../onnx/shrink_constants.ts";

/** Name of the graph's input x̂ (P, 3, M, M), 0..1. */
export const COMPOSITE = "composite";
/** Name of the graph's output e (P, D). */
export const IMAGE_EMBEDS = "image_embeds";

/** Options of {@link clipGraph}. */
export interface ClipGraphOptions {
  /** P, the number of images. */
  readonly prompts: number;
  /** Size and normalisation of the encoder's images. */
  readonly input: ImageInput;
}

/**
 * Builds CLIP's image encoder as one graph of images in 0..1, e = f((x̂ − mean) / std), around the
 * encoder as it was exported: one image in, `image_embeds` out.
 *
 * @throws {UserError} The graph is not an image encoder, or its images have another size.
 */
export function clipGraph(vision: OnnxModel, { prompts: P, input }: ClipGraphOptions): OnnxModel {
  const { size: M, mean, std } = input;
  const [port, ...others] = inputsOf(vision);
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
      "use the files of one CLIP",
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
    `CLIP's image encoder must give one embedding per image; for ${P} it gives ` +
      embeds.shape.join("×"),
    "export it with its projection, as vision_model.onnx of CLIPVisionModelWithProjection",
  );
}
