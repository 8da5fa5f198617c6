import { UserError } from "../errors.ts";
import type { Port } from "../onnx/value_info.ts";

/** A text encoder's input and output. */
export interface TextEncoderPorts<P extends Port> {
  /** Token ids (N, T), int32 or int64. */
  readonly ids: P;
  /** Embeddings (N, T, D) of the tokens; D is a number. */
  readonly hiddenStates: P;
}

/**
 * Finds a text encoder's token ids among its inputs, and the embeddings among its outputs:
 * `last_hidden_state`, or where no output has that name the first one of rank 3.
 *
 * @throws {UserError} One of them is missing, or the encoder takes other inputs too.
 */
export function textEncoderPorts<P extends Port>(
  { inputs, outputs }: { readonly inputs: readonly P[]; readonly outputs: readonly P[] },
): TextEncoderPorts<P> {
  const [ids] = inputs;
  if (inputs.length !== 1 || ids.shape.length !== 2 || !/^int(32|64)$/.test(ids.dtype)) {
    throw new UserError(
      "The text encoder must take token ids (int32 or int64, rank 2) and nothing else; " +
        `it takes ${list(inputs)}`,
      "export the text encoder with input_ids as its only input",
    );
  }
  const embeddings = outputs.filter(({ dtype, shape }) =>
    dtype === "float32" && shape.length === 3 && typeof shape[2] === "number"
  );
  const hiddenStates = embeddings.find(({ name }) => name === "last_hidden_state") ?? embeddings[0];
  if (!hiddenStates) {
    throw new UserError(
      "The text encoder must give embeddings (float32, rank 3, of fixed width); it gives " +
        list(outputs),
      "export the text encoder with last_hidden_state among its outputs",
    );
  }
  return { ids, hiddenStates };
}

function list(ports: readonly Port[]): string {
  return ports.map(({ name, dtype, shape }) => `${name} (${dtype}, rank ${shape.length})`)
    .join(", ") || "nothing";
}
