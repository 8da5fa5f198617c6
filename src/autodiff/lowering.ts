/**
 * What a lowering is.
 *
 * @module
 */
import type { NodeView } from "../onnx/node_view.ts";
import type { OpBuilder } from "../onnx/op_builder.ts";
import type { Value } from "../onnx/value.ts";

/** How a composite operator is written in others that have rules. */
export interface Lowering {
  /** Inputs that get a cotangent, named as in the ONNX operator tables. */
  readonly inputs: readonly string[];
  /** What is not supported. */
  readonly notes?: string;
  /**
   * Emits what the node consists of and returns its first output; `undefined` leaves the node as it
   * is.
   */
  readonly lower: (g: OpBuilder, node: NodeView) => Value | undefined;
}

/** Lowerings by operator of the default domain. */
export type LoweringTable = Readonly<Partial<Record<string, Lowering>>>;
