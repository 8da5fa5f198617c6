/**
 * What a differentiation rule is.
 *
 * @module
 */
import type { NodeView } from "../onnx/node_view.ts";
import type { OpBuilder } from "../onnx/op_builder.ts";
import type { Value } from "../onnx/value.ts";

/** What a rule is given: the node, and where to emit its adjoint. */
export interface AdjointContext {
  /** Builds the backward graph. */
  readonly g: OpBuilder;
  /** The node to differentiate: its attributes and constant parameters. */
  readonly node: NodeView;
  /**
   * Its inputs; optional ones that are left out are `undefined`, see {@linkcode NodeView.inputs}.
   */
  readonly x: readonly Value[];
  /** Its outputs. Backward may read any of them. */
  readonly y: readonly Value[];
  /** Cotangent of its first output, of that output's shape and element type. */
  readonly dy: Value;
  /**
   * Cotangents of all its outputs, for rules that take several; `undefined` where the result needs
   * none.
   */
  readonly cotangents: readonly (Value | undefined)[];
}

/**
 * Emits the cotangent of one input. It may still have the output's shape where the operator
 * broadcasts: whoever calls it sums over the broadcast axes.
 */
export type Adjoint = () => Value;

/** How to differentiate an operator. */
export interface Rule {
  /** Inputs that get a cotangent, named as in the ONNX operator tables. */
  readonly inputs: readonly string[];
  /** What is not differentiated, and conventions where the derivative is not unique. */
  readonly notes?: string;
  /** Whether the rule takes cotangents of outputs other than the first. */
  readonly severalOutputs?: boolean;
  /**
   * Adjoints by input position; `undefined` where the input gets no cotangent. Only those that are
   * needed are called.
   */
  readonly adjoint: (context: AdjointContext) => readonly (Adjoint | undefined)[];
}

/** Rules by operator of the default domain. */
export type RuleTable = Readonly<Partial<Record<string, Rule>>>;

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
