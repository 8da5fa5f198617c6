import type { Backend, ExternalData, Session } from "../backend/backend.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import { declaration } from "../onnx/value_info.ts";

/** A graph that was read from its file. */
export interface LoadedGraph {
  /** The ONNX file; a large one without its weights. */
  readonly bytes: Uint8Array;
  /** The same, parsed. */
  readonly model: OnnxModel;
  /** Weights kept beside the graph, by the `location` the graph knows them by. */
  readonly externalData: readonly ExternalData[];
}

/** Sizes for the inputs of each rank; axes past the end stay as they are. */
export type SizesByRank = Readonly<Record<number, readonly number[]>>;

/**
 * Finds the sizes of a graph's free dimensions by name. ONNX Runtime keeps every node of a graph on
 * the GPU once all dimensions are fixed.
 */
export function freeDimensions(model: OnnxModel, sizes: SizesByRank): Record<string, number> {
  const result: Record<string, number> = {};
  for (const input of graphOf(model).input) {
    const dimensions = declaration(input)?.dimensions ?? [];
    const ofRank = sizes[dimensions.length] ?? [];
    for (const [axis, dimension] of dimensions.entries()) {
      const size = ofRank[axis];
      if (typeof dimension === "string" && size !== undefined) result[dimension] = size;
    }
  }
  return result;
}

/** Loads a graph as it was read, with its free dimensions fixed. The caller disposes of the session. */
export async function loadUnchanged(
  backend: Backend,
  { bytes, model, externalData }: LoadedGraph,
  sizes: SizesByRank,
): Promise<Session> {
  return await backend.load(bytes, { freeDimensions: freeDimensions(model, sizes), externalData });
}
