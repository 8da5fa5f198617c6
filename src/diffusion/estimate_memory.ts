import type { Settings } from "../settings/settings.ts";
import { type NetworkParts, prepareNetworks } from "./prepare_networks.ts";

/** The memory that the networks of one optimisation take, in bytes. */
export interface MemoryEstimate {
  /** All weights. */
  readonly weights: number;
  /** The most that one network needs while it runs, residuals included. */
  readonly activations: number;
  /** The values that wait on the device from the encoder's forward half to its backward half. */
  readonly residuals: number;
  /** Weights and activations together. */
  readonly total: number;
  /** The largest tensor. */
  readonly largest: number;
}

/**
 * The measured peak divided by {@link MemoryEstimate.total}: ONNX Runtime keeps and pads the buffers
 * that it has used. Stable Diffusion at 512² took 8.1 GiB where its graphs say 5.2.
 */
export const OVERHEAD = 1.6;

/** Sizes of graphics cards, in GiB. */
const CARDS = [4, 6, 8, 12, 16, 24, 32, 48, 80];

/**
 * Estimates the memory of an optimisation from its graphs alone. No weight is read and nothing is
 * loaded.
 *
 * @param prompts P, the number of prompts at once.
 * @throws {UserError} The U-Net does not take as many prompts, or a graph is broken.
 */
export async function estimateMemory(
  parts: NetworkParts,
  prompts: number,
  posterior: Settings["posterior"],
): Promise<MemoryEstimate> {
  const networks = await prepareNetworks(parts, prompts, posterior);
  const memories = Object.values(networks).map(({ memory }) => memory);
  // Each half of the encoder loads the weights that it reads, so that some count twice.
  const weights = memories.reduce((sum, memory) => sum + memory.weights, 0);
  const residuals = networks.forward.memory.outputs;
  // The U-Net runs before the backward half, while the residuals wait.
  const activations = Math.max(
    networks.forward.memory.activations,
    networks.unet.memory.activations + residuals,
    networks.backward.memory.activations,
  );
  const largest = Math.max(...memories.map((memory) => memory.largest.bytes));
  return { weights, activations, residuals, total: weights + activations, largest };
}

/** The smallest usual graphics card that holds an estimate with its {@link OVERHEAD}, in GiB. */
export function fittingCard({ total }: Pick<MemoryEstimate, "total">): number | undefined {
  return CARDS.find((gibibytes) => gibibytes * 2 ** 30 >= total * OVERHEAD);
}
