import { cotangentName, vjp } from "../autodiff/vjp.ts";
import type { Backend, Session, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { type OnnxModel, writeModel } from "../onnx/model.ts";
import {
  drawFrequencies,
  drawParameters,
  FEATURES,
  FIELD,
  fourierFeatures,
  fourierGraph,
  fourierParameters,
  type FourierSeed,
  type FourierShape,
} from "./fourier_graph.ts";
import { type Parameter, repeat } from "./parametrization.ts";
import { UserError } from "../errors.ts";

/** Options of {@link createFourierNetwork}. */
export interface FourierNetworkOptions extends FourierShape, FourierSeed {
  /** s, the standard deviation of the features' frequencies, in cycles per image. */
  readonly frequencyScale: number;
}

/**
 * P networks f_φ that map the position of each pixel to C numbers: the *Fourier parametrization*
 * before its sigmoid. φ, φ̄ and the residuals stay on the device.
 */
export interface FourierNetwork extends Disposable {
  /** φ and φ̄: tensors (P, rows, columns), in the order of the layers. */
  readonly parameters: readonly Parameter[];
  /** Writes f_φ(uv) (P·C, H, W). */
  forward(field: Tensor): Promise<void>;
  /**
   * Computes φ̄, J_fᵀ times the cotangent of f_φ(uv) (P·C, H, W), at the φ of the last
   * {@link forward}.
   */
  adjoint(fieldCotangent: Tensor): Promise<void>;
}

/**
 * Creates P networks that start from the same φ. They are one ONNX graph, which `vjp` differentiates
 * with respect to φ.
 *
 * @throws {UserError} If the device lacks the memory.
 *
 * @example
 * ```ts
 * import { backend, kernels } from "../../mod.ts";
 *
 * await using device = await backend.openBackend("cpu");
 * const shape = { networks: 1, channels: 3, height: 4, width: 4 };
 * const options = { ...shape, seed: 1, network: 0, frequencyScale: 4 };
 * using network = await kernels.createFourierNetwork(device, options);
 * using colours = device.tensor([3, 4, 4]);
 * await network.forward(colours);
 * console.assert((await device.read(colours)).every(Number.isFinite));
 * ```
 */
export async function createFourierNetwork(
  backend: Backend,
  options: FourierNetworkOptions,
): Promise<FourierNetwork> {
  const { networks, channels, height, width, frequencyScale } = options;
  checkFourierMemory(backend, options);
  const layout = fourierParameters(channels);
  const halves = vjp(fourierGraph(options), { of: FIELD, wrt: layout.map(({ name }) => name) });

  using scope = new TensorScope(backend);
  const load = async (half: OnnxModel) => scope.use(await backend.load(writeModel(half)));
  const [forward, backward] = [await load(halves.forward), await load(halves.backward)];

  const initial = drawParameters(options, layout);
  const parameters = layout.map(({ shape }, i) => ({
    value: scope.tensor([networks, ...shape], repeat(initial[i], networks)),
    cotangent: scope.tensor([networks, ...shape]),
  }));
  const residuals = Object.fromEntries(
    forward.outputs.filter(({ name }) => name !== FIELD)
      // Shapes are fixed, so every dimension is a number.
      .map(({ name, shape }) => [name, scope.tensor(shape as number[])]),
  );
  const frequencies = drawFrequencies(options, frequencyScale);
  const features = fourierFeatures(frequencies, height, width);

  const known: Record<string, Tensor> = {
    [FEATURES]: scope.tensor([frequencies.length, height * width], features),
    ...Object.fromEntries(layout.map(({ name }, i) => [name, parameters[i].value])),
    ...residuals,
  };
  const cotangents = Object.fromEntries(
    layout.map(({ name }, i) => [cotangentName(name), parameters[i].cotangent]),
  );
  const feeds = ({ inputs }: Session) =>
    Object.fromEntries(
      inputs.filter(({ name }) => name in known).map(({ name }) => [name, known[name]]),
    );
  const [forwardFeeds, backwardFeeds] = [feeds(forward), feeds(backward)];
  const owned = scope.move();
  return {
    parameters,
    forward: (field) => forward.run(forwardFeeds, { ...residuals, [FIELD]: field }),
    adjoint: (fieldCotangent) =>
      backward.run({ ...backwardFeeds, [cotangentName(FIELD)]: fieldCotangent }, cotangents),
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

/** Pixels of all networks together that fit the CPU backend's 4 GB; 512² did not. */
const CPU_PIXELS = 448 ** 2;

/**
 * Refuses Fourier networks whose layers do not fit WebAssembly's memory.
 *
 * @param shape Size of the image, and number of networks that live at the same time.
 * @throws {UserError}
 */
export function checkFourierMemory(
  { device }: Pick<Backend, "device">,
  { networks, height, width }: Pick<FourierShape, "networks" | "height" | "width">,
) {
  if (device !== "cpu" || networks * height * width <= CPU_PIXELS) return;
  throw new UserError(
    `Fourier networks over ${networks} × ${width}×${height} pixels need more than the 4 GB that the ` +
      `cpu can use: wanted at most ${CPU_PIXELS} pixels in all`,
    'use a smaller `alphaSize`, fewer prompts at once, or `device: "webgpu"`',
  );
}
