/**
 * Differentiation rules, and lowerings of operators that consist of others.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import type { NodeView } from "../onnx/node_view.ts";
import type { OpBuilder } from "../onnx/op_builder.ts";
import type { Value } from "../onnx/value.ts";

/** Arguments of a rule: the node, and the builder that its adjoint is emitted to. */
export interface AdjointContext {
  /** Builds the backward graph. */
  readonly g: OpBuilder;
  /** The node to differentiate: its attributes and constant parameters. */
  readonly node: NodeView;
  /**
   * Its inputs. An optional one that is left out is `undefined`, see {@linkcode NodeView.inputs}.
   */
  readonly x: readonly Value[];
  /** Its outputs. Backward may read any of them. */
  readonly y: readonly Value[];
  /** Cotangent of its first output, of that output's shape and element type. */
  readonly dy: Value;
  /**
   * Cotangents of all its outputs, for rules that take several; `undefined` for an output that the
   * result does not depend on.
   */
  readonly cotangents: readonly (Value | undefined)[];
  /** Forward may replace NaN in the outputs, so that no NaN may come back through them. */
  readonly guarded: boolean;
}

/**
 * Emits the cotangent of one input. Where the operator broadcasts, it may have the output's shape: the
 * caller sums over the broadcast axes.
 */
export type Adjoint = () => Value;

/** The differentiation rule of an operator. */
export interface Rule {
  /** Inputs that get a cotangent, named as in the ONNX operator tables. */
  readonly inputs: readonly string[];
  /** Attributes that the rule and the shapes account for; a node with any other is refused. */
  readonly attributes?: readonly string[];
  /** Limits of the rule, and its choice where the derivative is not unique. */
  readonly notes?: string | undefined;
  /** The rule takes cotangents of all outputs; the default is the first alone. */
  readonly severalOutputs?: boolean;
  /**
   * Adjoints by input position; `undefined` where the input gets no cotangent. The caller
   * calls only those that it needs.
   */
  readonly adjoint: (context: AdjointContext) => readonly (Adjoint | undefined)[];
}

/** Rules by operator of the default domain. */
export type RuleTable = Readonly<Partial<Record<string, Rule>>>;

/** Writes a composite operator in others that have rules. */
export interface Lowering {
  /** Inputs that get a cotangent, named as in the ONNX operator tables. */
  readonly inputs: readonly string[];
  /** Attributes that the lowering accounts for; a node with any other is refused. */
  readonly attributes?: readonly string[];
  /** Runtimes may not have the operator: it is written out off the way, too. */
  readonly always?: boolean;
  /** Limits of the lowering. */
  readonly notes?: string | undefined;
  /**
   * Emits the nodes that compute the same and returns the first output; `undefined` keeps the node.
   */
  readonly lower: (g: OpBuilder, node: NodeView) => Value | undefined;
}

/** Lowerings by operator of the default domain. */
export type LoweringTable = Readonly<Partial<Record<string, Lowering>>>;

/**
 * Refuses a node with an attribute that its rule does not account for: newer operator sets give
 * operators new ones.
 */
export function checkAttributes(
  { label, proto }: NodeView,
  { attributes = [] }: Pick<Rule, "attributes">,
): void {
  const unknown = proto.attribute.find(({ name }) => !attributes.includes(name));
  if (!unknown) return;
  throw new UserError(
    `Cannot differentiate ${label}: its attribute "${unknown.name}" is unknown`,
    "export the model with an older operator set, or without that attribute",
  );
}
