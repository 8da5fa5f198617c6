import type { Backend, ExternalData, Session } from "../backend/backend.ts";
import { Graph } from "../onnx/graph.ts";
import { type GraphMemory, graphMemory } from "../onnx/memory.ts";
import { graphOf, type OnnxModel, writeModel } from "../onnx/model.ts";
import { BUDGET_HINT, budgetReason } from "../backend/buffer_budget.ts";
import { BatchError } from "../errors.ts";

/** A graph that is ready to be loaded. */
export interface PreparedGraph {
  /** The network's name in messages, e.g. `U-Net`. */
  readonly name: string;
  /** The memory that it takes, as far as its shapes can be inferred. */
  readonly memory: GraphMemory;
  /** Loads it. The caller disposes of the session. */
  load(backend: Backend): Promise<Session>;
}

/**
 * Prepares a graph that is loaded as it is.
 *
 * @param model A graph with fixed shapes.
 * @param externalData The weights that are not in the graph itself.
 */
export function prepareGraph(
  name: string,
  model: OnnxModel,
  externalData: readonly ExternalData[],
): PreparedGraph {
  return {
    name,
    memory: graphMemory(Graph.from(model), graphOf(model).output.map(({ name }) => name)),
    load: (backend) => backend.load(writeModel(model), { externalData }),
  };
}

/**
 * Loads graphs that run together: all of them or, where one cannot be loaded, none.
 *
 * @returns A session per graph; disposing of the result frees them all.
 * @throws {BatchError} The device has not enough memory, and `force` is not set.
 */
export async function loadTogether<K extends string>(
  { backend, force }: { readonly backend: Backend; readonly force?: boolean | undefined },
  graphs: Readonly<Record<K, PreparedGraph>>,
): Promise<Readonly<Record<K, Session>> & Disposable> {
  if (!force) checkMemory(backend, Object.values<PreparedGraph>(graphs));
  using stack = new DisposableStack();
  const sessions = {} as Record<K, Session>;
  for (const name in graphs) sessions[name] = stack.use(await graphs[name].load(backend));
  const owned = stack.move();
  return { ...sessions, [Symbol.dispose]: () => owned.dispose() };
}

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
