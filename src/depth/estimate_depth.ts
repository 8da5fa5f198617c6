import type { Backend, TensorInfo } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../image/image.ts";
import { type ImageInput, imageInput } from "../image/image_input.ts";
import { resample } from "../image/resample.ts";
import type { LoadedGraph } from "../networks/loaded_graph.ts";
import { inputsOf, type OnnxModel } from "../onnx/model.ts";
import { type Declaration, declaration } from "../onnx/value_info.ts";
import type { DepthMap } from "./depth_map.ts";

/**
 * A network that estimates depth, with MiDaS's contract: one image (1, 3, H, W) in, one number per
 * pixel (1, H, W) or (1, 1, H, W) out. From `openDepthModel`.
 */
export interface DepthModel {
  /** Name or folder, as results name the model. */
  readonly id: string;
  /** SHA-256 over the model's files, lower-case hexadecimal. */
  readonly sha256: string;
  /** Size and normalisation of its images. */
  readonly input: ImageInput;
  /**
   * Reads the graph, of any operator set.
   *
   * @internal
   */
  readonly graph: () => Promise<LoadedGraph>;
}

/** The longer side of a network's input may be this many times the shorter one. */
const LONGEST = 4;

/**
 * Estimates the depth of an image with a network, which is loaded, run once and freed again. Nothing
 * is differentiated, so the operator set may be any that ONNX Runtime knows, MiDaS's own 9 too.
 *
 * The image is stretched to the size that the graph takes. Where the graph leaves it free, sides are
 * multiples of `multipleOf` in about the image's proportions, and the shorter one is `size`.
 *
 * @returns A map of the image's size; near is large, as MiDaS has it.
 * @throws {UserError} The graph takes no image, gives no depth map, or gives a value that is not finite.
 *
 * @example
 * ```ts
 * import { autodiff, backend, models } from "../../mod.ts";
 * import { OpBuilder } from "../onnx/op_builder.ts";
 *
 * // The brighter, the nearer.
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "image", dtype: "float32", shape: [1, 3, 2, 2] });
 * const model = g.build([g.reduce("ReduceMean", x, [1])]);
 * const bytes = autodiff.writeModel(model);
 * const graph = () => Promise.resolve({ bytes, model, externalData: [] });
 * const input = { size: 2, mean: [0, 0, 0], std: [1, 1, 1] };
 *
 * await using device = await backend.openBackend("cpu");
 * const data = Uint8Array.of(0, 0, 0, 255, 255, 255);
 * const image = { width: 2, height: 1, channels: 3, data } as const;
 * const map = await models.estimateDepth(device, { id: "light", sha256: "", input, graph }, image);
 * console.assert(map.depth.join() === "0,1");
 * ```
 */
export async function estimateDepth(
  backend: Backend,
  { id, input, graph }: DepthModel,
  image: Image,
): Promise<DepthMap> {
  const { bytes, model, externalData } = await graph();
  const port = imagePort(model, id);
  const [, , fixedHeight, fixedWidth] = port.dimensions;
  const free = freeSize(image, input);
  const height = typeof fixedHeight === "number" ? fixedHeight : free.height;
  const width = typeof fixedWidth === "number" ? fixedWidth : free.width;
  const shape = [1, 3, height, width];
  const freeDimensions = Object.fromEntries(
    port.dimensions.flatMap((name, axis) => typeof name === "string" ? [[name, shape[axis]]] : []),
  );

  using scope = new TensorScope(backend);
  const session = scope.use(await backend.load(bytes, { freeDimensions, externalData }));
  const output = depthPort(session.outputs, id);
  // A dimension that the graph leaves free is the image's size, or 1 for one image.
  const sizes = output.shape.map((size, axis) =>
    typeof size === "number" ? size : [width, height][output.shape.length - 1 - axis] ?? 1
  );
  const result = scope.tensor(sizes);
  const feed = scope.tensor(shape, imageInput(image, width, height, input));
  await session.run({ [port.name]: feed }, { [output.name]: result });
  const depth = await backend.read(result);
  if (!depth.every(Number.isFinite)) {
    throw new UserError(
      `Depth model "${id}" gives a value that is not a finite number`,
      "use another depth model, or give a depth map",
    );
  }
  const [rows, columns] = sizes.slice(-2);
  return {
    width: image.width,
    height: image.height,
    depth: resample(
      { width: columns, height: rows, channels: 1, data: depth },
      { x: 0, y: 0, width: columns, height: rows },
      image.width,
      image.height,
    ),
  };
}

/** The input, as the graph declares it. */
function imagePort(model: OnnxModel, id: string): Declaration {
  const inputs = inputsOf(model).map(declaration);
  const [port] = inputs;
  if (
    inputs.length === 1 && port?.dtype === "float32" && port.dimensions.length === 4 &&
    [3, undefined].includes(numberOrNothing(port.dimensions[1]))
  ) return port;
  throw new UserError(
    `Depth model "${id}" must take an image (float32, rank 4, 3 channels) and nothing else; ` +
      `it takes ${inputs.length} input${inputs.length === 1 ? "" : "s"}` +
      (port ? `, "${port.name}" (${port.dtype}, rank ${port.dimensions.length})` : ""),
    "use a model like MiDaS",
  );
}

/** The output that is a depth map: the first with one number per pixel. */
function depthPort(outputs: readonly TensorInfo[], id: string): TensorInfo {
  const port = outputs.find(({ dtype, shape }) =>
    dtype === "float32" && (shape.length === 3 || shape.length === 4) &&
    shape.slice(0, -2).every((size) => size === 1 || typeof size === "string") &&
    shape.slice(-2).every((size) => typeof size === "string" || size > 1)
  );
  if (port) return port;
  const given = outputs.map(({ name, dtype, shape }) => `${name} (${dtype}, ${shape.join("×")})`);
  throw new UserError(
    `Depth model "${id}" must give one number per pixel (float32, 1×H×W); it gives ` +
      given.join(", "),
    "use a model like MiDaS",
  );
}

/** The size of the network's image where the graph leaves it free. */
function freeSize(image: Image, { size, multipleOf = 1 }: ImageInput) {
  if (multipleOf === 1) return { width: size, height: size };
  const scale = size / Math.min(image.width, image.height);
  const side = (length: number) =>
    multipleOf * Math.max(1, Math.round(Math.min(length * scale, LONGEST * size) / multipleOf));
  return { width: side(image.width), height: side(image.height) };
}

function numberOrNothing(size: number | string | undefined): number | undefined {
  return typeof size === "number" ? size : undefined;
}
