import { OpBuilder } from "../onnx/op_builder.ts";
import type { OnnxModel } from "../onnx/model.ts";
import type { Value } from "../onnx/value.ts";
import { FREQUENCIES } from "./fourier_features.ts";

/** Name of the graph's input (2K, H·W): Fourier features. */
export const FEATURES = "features";
/** Name of the graph's output f_φ(uv) (P·C, H, W). */
export const FIELD = "field";

/** Channels of a hidden layer. */
const WIDTH = 256;
const HIDDEN_LAYERS = 3;

/** How many networks, and of what size. */
export interface FourierShape {
  /** P, the number of networks; they share the features and nothing else. */
  readonly networks: number;
  /** C, the channels of a network's output: 1 for a mask, 3 for colours. */
  readonly channels: number;
  /** H of the image. */
  readonly height: number;
  /** W of the image. */
  readonly width: number;
}

/** One of the tensors that make up φ. */
export interface FourierParameter {
  /** Name of the graph's input. */
  readonly name: string;
  /** Its part in a layer: W and b of a convolution, γ and β of a batch normalisation. */
  readonly role: "weight" | "bias" | "scale" | "shift";
  /** Shape for one network; the graph's input has P in front. */
  readonly shape: readonly [rows: number, columns: number];
}

/**
 * The tensors of φ for networks with C output channels, in the order of the layers.
 *
 * @example
 * ```ts
 * import { fourierParameters } from "./fourier_graph.ts";
 *
 * const [first] = fourierParameters(1);
 * console.assert(first.name === "weight0" && first.shape.join() === "256,256");
 * ```
 */
export function fourierParameters(channels: number): FourierParameter[] {
  const parameters: FourierParameter[] = [];
  for (let layer = 0; layer <= HIDDEN_LAYERS; layer++) {
    const [inputs, outputs] = [
      layer === 0 ? 2 * FREQUENCIES : WIDTH,
      layer === HIDDEN_LAYERS ? channels : WIDTH,
    ];
    const add = (role: FourierParameter["role"], columns: number) =>
      parameters.push({ name: `${role}${layer}`, role, shape: [outputs, columns] });
    add("weight", inputs);
    add("bias", 1);
    if (layer === HIDDEN_LAYERS) break;
    add("scale", 1);
    add("shift", 1);
  }
  return parameters;
}

/**
 * The *Fourier parametrization* (paper, section 4.2) as an ONNX graph, f_φ(uv): three hidden 1×1
 * convolutions of 256 channels, each followed by ReLU and batch normalisation, and a last one to C
 * channels. A 1×1 convolution is one matrix product over all pixels,
 *
 *     y_l = W_l x_l + b_l,   x_{l+1} = γ_l x̂_l + β_l,   x̂_l = (ReLU(y_l) − μ_l) / √(v_l + 10⁻⁵)
 *
 * with μ_l and v_l the mean and variance of a channel over the pixels. Weights are inputs, since
 * they change: {@link fourierParameters}, with P in front of their shapes.
 *
 * @example
 * ```ts
 * import { graphOf } from "../onnx/model.ts";
 * import { fourierGraph } from "./fourier_graph.ts";
 *
 * const model = fourierGraph({ networks: 2, channels: 1, height: 8, width: 8 });
 * console.assert(graphOf(model).output[0].name === "field");
 * ```
 */
export function fourierGraph({ networks, channels, height, width }: FourierShape): OnnxModel {
  const g = new OpBuilder({ opset: 18 });
  const input = (name: string, ...shape: number[]) => g.addInput({ name, dtype: "float32", shape });

  let x = input(FEATURES, 2 * FREQUENCIES, height * width);
  const parameters = new Map(
    fourierParameters(channels).map(({ name, shape }) => [name, input(name, networks, ...shape)]),
  );
  const parameter = (role: FourierParameter["role"], layer: number) =>
    parameters.get(`${role}${layer}`)!;
  // y = W x + b
  const convolve = (layer: number) =>
    g.add(g.matMul(parameter("weight", layer), x), parameter("bias", layer));

  for (let layer = 0; layer < HIDDEN_LAYERS; layer++) {
    // x ← γ x̂ + β
    const normalized = normalize(g, g.emit("Relu", [convolve(layer)]));
    x = g.add(g.mul(normalized, parameter("scale", layer)), parameter("shift", layer));
  }
  const field = g.reshape(convolve(HIDDEN_LAYERS), [networks * channels, height, width]);
  return g.build([g.rename(field, FIELD)]);
}

/** x̂: where the batch is one image, batch statistics are an instance's. */
function normalize(g: OpBuilder, x: Value): Value {
  const [ones, zeros] = [g.constant("float32", [WIDTH], 1), g.constant("float32", [WIDTH], 0)];
  // Its ε is 10⁻⁵ by default, as in PyTorch's batch normalisation.
  return g.emit("InstanceNormalization", [x, ones, zeros]);
}
