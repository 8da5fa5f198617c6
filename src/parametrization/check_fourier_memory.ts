import type { Backend } from "../backend/backend.ts";
import { UserError } from "../errors.ts";
import type { FourierShape } from "./fourier_graph.ts";

/** Pixels, of all networks together, for which the CPU backend's 4 GB were enough; 512² were not. */
const CPU_PIXELS = 448 ** 2;

/**
 * Refuses Fourier networks whose layers over so many pixels do not fit WebAssembly's memory.
 *
 * @param shape Their number, all that live at a time together, and their image's size.
 * @throws {UserError}
 *
 * @example
 * ```ts
 * import { checkFourierMemory } from "./check_fourier_memory.ts";
 *
 * checkFourierMemory({ device: "cpu" }, { networks: 2, height: 256, width: 256 });
 * ```
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
