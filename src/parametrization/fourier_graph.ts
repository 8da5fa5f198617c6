import { normal, STREAMS, uniform } from "../backend/random.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import type { OnnxModel } from "../onnx/model.ts";
import type { Value } from "../onnx/value.ts";

/** Name of the graph's input (2K, H·W): Fourier features. */
export const FEATURES = "features";
/** Name of the graph's output f_φ(uv) (P·C, H, W). */
export const FIELD = "field";

/** Channels of a hidden layer. */
const WIDTH = 256;
const HIDDEN_LAYERS = 3;

/** Number and size of the networks. */
export interface FourierShape {
  /** P, the number of networks. They share the features and nothing else. */
  readonly networks: number;
  /** C, the channels of a network's output: 1 for a mask, 3 for colours. */
  readonly channels: number;
  /** H, the image's height in pixels. */
  readonly height: number;
  /** W, the image's width in pixels. */
  readonly width: number;
}

/** One tensor of φ. */
export interface FourierParameter {
  /** Name of the graph's input. */
  readonly name: string;
  /** Part in its layer: W or b of a convolution, γ or β of a batch normalisation. */
  readonly role: "weight" | "bias" | "scale" | "shift";
  /** Shape for one network; the graph's input is (P, rows, columns). */
  readonly shape: readonly [rows: number, columns: number];
}

/** The tensors of φ for networks with C output channels, in the order of the layers. */
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
 * with μ_l and v_l the mean and variance of a channel over the pixels. The tensors of φ are inputs of
 * the graph, (P, rows, columns), because they change: {@link fourierParameters} lists them.
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

/** x̂. The batch is one image, so an instance normalisation has the batch's statistics. */
function normalize(g: OpBuilder, x: Value): Value {
  const [ones, zeros] = [g.constant("float32", [WIDTH], 1), g.constant("float32", [WIDTH], 0)];
  // Its ε is 10⁻⁵ by default, as in PyTorch's batch normalisation.
  return g.emit("InstanceNormalization", [x, ones, zeros]);
}

/** K, the number of frequencies. There are twice as many features. */
export const FREQUENCIES = 128;

/**
 * Fourier features of an image's pixels (Tancik et al. 2020, equation 5), whose centres are at
 * `u = (x + ½) / width` and `v = (y + ½) / height`:
 *
 *     features_k = sin 2π(a_k u + b_k v),   features_{K+k} = cos 2π(a_k u + b_k v)
 *
 * The host computes them in 64 bits, once per optimisation. A shader's sine may be wrong in the fourth
 * digit, so the backends would differ.
 *
 * @param frequencies (a_k, b_k) for k < K, in cycles per image: (K, 2).
 * @returns (2K, height, width), within ±1.
 */
export function fourierFeatures(
  frequencies: Float32Array,
  height: number,
  width: number,
): Float32Array {
  const count = frequencies.length / 2, pixels = height * width;
  const features = new Float32Array(2 * count * pixels);
  for (let k = 0; k < count; k++) {
    const a = frequencies[2 * k], b = frequencies[2 * k + 1];
    const sines = k * pixels, cosines = (count + k) * pixels;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const phase = 2 * Math.PI * (a * (x + 0.5) / width + b * (y + 0.5) / height);
        features[sines + y * width + x] = Math.sin(phase);
        features[cosines + y * width + x] = Math.cos(phase);
      }
    }
  }
  return features;
}

/** Origin of a network's random numbers. */
export interface FourierSeed {
  /** Seed of all random numbers. */
  readonly seed: number;
  /** Number of the network in the optimisation; each number starts from values of its own. */
  readonly network: number;
}

/**
 * Frequencies of Fourier features, (a_k, b_k) ~ N(0, s²).
 *
 * @param scale s, in cycles per image: the larger s is, the finer the detail that is learnt early.
 * @returns (K, 2), for {@link fourierFeatures}.
 */
export function drawFrequencies({ seed, network }: FourierSeed, scale: number): Float32Array {
  const result = new Float32Array(2 * FREQUENCIES);
  const { length: count } = result;
  normal.twin({ result }, { count, seed, stream: STREAMS.frequencies, counter: network });
  return result.map((value) => scale * value);
}

/**
 * Draws the initial φ of one network with PyTorch's initial values: W and b of a convolution with n
 * inputs are U(−1/√n, 1/√n), γ = 1 and β = 0. All W and b of a network are one sequence of random
 * numbers.
 *
 * @param parameters From {@link fourierParameters}.
 * @returns Values of each parameter, in the same order.
 */
export function drawParameters(
  { seed, network }: FourierSeed,
  parameters: readonly FourierParameter[],
): Float32Array[] {
  const drawn = parameters.filter(({ role }) => role === "weight" || role === "bias");
  const count = drawn.reduce((sum, { shape: [rows, columns] }) => sum + rows * columns, 0);
  const result = new Float32Array(count);
  uniform.twin({ result }, { count, seed, stream: STREAMS.weights, counter: network });

  let [start, bound] = [0, 0];
  return parameters.map(({ role, shape: [rows, columns] }) => {
    if (role === "scale") return new Float32Array(rows).fill(1);
    if (role === "shift") return new Float32Array(rows);
    // A bias follows its weight, and has the same bound.
    if (role === "weight") bound = 1 / Math.sqrt(columns);
    const values = result.slice(start, start += rows * columns);
    return values.map((value) => bound * (2 * value - 1));
  });
}
