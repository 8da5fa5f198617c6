import type { Backend, ExternalData, Session } from "../backend/backend.ts";
import { Graph } from "../onnx/graph.ts";
import { type GraphMemory, graphMemory } from "../onnx/memory.ts";
import { graphOf, type OnnxModel, writeModel } from "../onnx/model.ts";
import { checkMemory } from "./check_memory.ts";

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
