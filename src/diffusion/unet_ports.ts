import { UserError } from "../errors.ts";
import type { Port } from "../onnx/value_info.ts";

/** A U-Net's inputs by their role. */
export interface UnetPorts<P extends Port> {
  /** z_t (N, C, h, w). */
  readonly sample: P;
  /** t, a scalar or one per item of the batch: int64, int32, float32 or float16. */
  readonly timestep: P;
  /** Text embeddings (N, T, D). */
  readonly embeddings: P;
  /** ε or v (N, C, h, w). */
  readonly output: P;
}

/** Types of a timestep that exporters write. */
const TIMESTEP_TYPES: readonly string[] = ["int64", "int32", "float32", "float16"];

/**
 * Finds a U-Net's inputs by their ranks: exporters agree on those, not on every name.
 *
 * @throws {UserError} An input is missing or of another type, or there is one too many.
 */
export function unetPorts<P extends Port>(
  { inputs, outputs }: { readonly inputs: readonly P[]; readonly outputs: readonly P[] },
): UnetPorts<P> {
  const float32 = ({ dtype }: Port) => dtype === "float32";
  const sample = inputs.find((port) => port.shape.length === 4 && float32(port));
  const embeddings = inputs.find((port) => port.shape.length === 3 && float32(port));
  const timestep = inputs.find(({ shape, dtype }) =>
    shape.length <= 1 && TIMESTEP_TYPES.includes(dtype)
  );
  const output = outputs.find((port) => port.shape.length === 4 && float32(port));
  if (inputs.length === 3 && sample && embeddings && timestep && output) {
    return { sample, timestep, embeddings, output };
  }
  const found = inputs.map(({ name, dtype, shape }) => `${name} (${dtype}, rank ${shape.length})`);
  throw new UserError(
    "The U-Net must take latents (float32, rank 4), a timestep (rank 0 or 1, " +
      `${TIMESTEP_TYPES.join(" or ")}) and text embeddings (float32, rank 3), and give latents; ` +
      `it takes ${found.join(", ")}`,
    "use a float32 model of the kind of Stable Diffusion 1 or 2",
  );
}
