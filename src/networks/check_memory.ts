import type { Backend } from "../backend/backend.ts";
import { BUDGET_HINT, budgetReason } from "../backend/buffer_budget.ts";
import { BatchError } from "../errors.ts";
import type { GraphMemory } from "../onnx/memory.ts";

const FORCE = "`force: true` tries all the same";

/**
 * Refuses graphs that a device cannot hold together, before any of them is loaded. The estimate is a
 * lower bound: all weights, and the most that one graph needs while it runs, since the graphs run one
 * after the other.
 *
 * @throws {BatchError} The graphs take more than the device has, or one of their tensors is larger
 * than the device can bind: ONNX Runtime would then compute wrong numbers in silence.
 */
export function checkMemory(
  { device, limits }: Pick<Backend, "device" | "limits">,
  graphs: readonly {
    readonly name: string;
    readonly memory: Omit<GraphMemory, "outputs">;
  }[],
): void {
  for (const { name, memory } of graphs) {
    if (memory.largest.bytes <= limits.tensor) continue;
    const { largest } = memory;
    const reason = limits.refused === undefined ? "" : `; ${budgetReason(limits.refused)}`;
    const saving = largest.weight ? "use a float16 model" : "use fewer prompts at once";
    throw new BatchError(
      `Not enough memory: tensor "${largest.name}" of the ${name} takes ${words(largest.bytes)}, ` +
        `device ${device} has tensors of at most ${words(limits.tensor)}${reason}`,
      `${saving}${limits.refused === undefined ? "" : `, or ${BUDGET_HINT}`}; ${FORCE}`,
    );
  }
  const weights = graphs.reduce((sum, { memory }) => sum + memory.weights, 0);
  const running = Math.max(...graphs.map(({ memory }) => memory.activations));
  if (limits.total === undefined || weights + running <= limits.total) return;
  const parts = graphs.map(({ name, memory }) => `${name} ${words(memory.weights)}`).join(", ");
  throw new BatchError(
    `Not enough memory: the model takes at least ${words(weights + running)} (${parts}, ` +
      `running them ${words(running)}), device ${device} has ${words(limits.total)}`,
    weights > limits.total
      ? `use a GPU or a smaller model; ${FORCE}`
      : `use fewer prompts at once, \`recompute: "most"\`, a GPU or a smaller model; ${FORCE}`,
  );
}

/** A number of bytes in words, e.g. `3.4 GB`. */
function words(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
