/**
 * A node as rules see it: typed inputs, attributes with defaults, constant parameters.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import {
  findAttribute,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "./attribute.ts";
import type { NodeProto, TensorProto } from "./proto/onnx_pb.ts";
import { tensorValues } from "./tensor.ts";
import type { Value } from "./value.ts";

/** The graph in which a {@linkcode NodeView} looks up tensors. */
export interface NodeScope {
  /** Version of the default operator set. */
  readonly opset: number;
  /** Every tensor whose type is known, by name. */
  readonly values: ReadonlyMap<string, Value>;
  /** Constant tensors by name. */
  readonly initializers: ReadonlyMap<string, TensorProto>;
}

/** Tells whether a node's operator is of the default domain, `ai.onnx`. */
export function isStandard({ domain }: NodeProto): boolean {
  return domain === "" || domain === "ai.onnx";
}

/**
 * A node together with the types and constants of its inputs.
 */
export class NodeView {
  readonly #scope: NodeScope;
  /** The node itself. */
  readonly proto: NodeProto;
  /** Its inputs; `undefined` where an optional one is left out or its type is not known. */
  readonly inputs: readonly (Value | undefined)[];

  constructor(proto: NodeProto, scope: NodeScope) {
    this.proto = proto;
    this.#scope = scope;
    this.inputs = proto.input.map((name) => scope.values.get(name));
  }

  /** Operator, as in the ONNX operator tables. */
  get op(): string {
    return this.proto.opType;
  }

  /** Version of the default operator set. */
  get opset(): number {
    return this.#scope.opset;
  }

  /** Operator and name, for messages. */
  get label(): string {
    return `${this.op} node "${this.proto.name || this.proto.output.find(Boolean)}"`;
  }

  /** Input `index`. @throws {Error} It is left out, or its shape is not known. */
  input(index: number): Value {
    const value = this.inputs[index];
    if (!value) throw new Error(`Input ${index} of ${this.label} has no known shape`);
    return value;
  }

  /** The numbers of input `index`; `undefined` where it is left out or not constant. */
  constant(index: number): number[] | undefined {
    const tensor = this.#scope.initializers.get(this.proto.input[index] ?? "");
    return tensor && tensorValues(tensor);
  }

  /** Tells whether the attribute is set. */
  has(name: string): boolean {
    return findAttribute(this.proto, name) !== undefined;
  }

  /** Integer attribute. */
  int(name: string, fallback: number): number {
    return intAttribute(this.proto, name, fallback);
  }

  /** Float attribute. */
  float(name: string, fallback: number): number {
    return floatAttribute(this.proto, name, fallback);
  }

  /** String attribute. */
  string(name: string, fallback: string): string {
    return stringAttribute(this.proto, name, fallback);
  }

  /** List of integers; `undefined` where it is not set. */
  ints(name: string): number[] | undefined {
    return intsAttribute(this.proto, name);
  }

  /**
   * A parameter that is an attribute in older operator sets and an input in newer ones: axes, pads,
   * split.
   *
   * @returns `undefined` if the node has neither.
   * @throws {UserError} It is an input that depends on data.
   */
  parameter(name: string, index: number): number[] | undefined {
    const attribute = this.ints(name);
    if (attribute || !this.proto.input[index]) return attribute;
    const values = this.constant(index);
    if (!values) {
      throw new UserError(
        `Cannot use ${this.label}: its ${name} ${
          name.endsWith("s") ? "depend" : "depends"
        } on the data`,
        "export the model so that shapes follow from the input's shape alone",
      );
    }
    return values;
  }
}

/**
 * Runs what is done with a node. Whatever goes wrong names the node: a foreign graph may hold one that
 * contradicts itself or its inputs.
 *
 * @param verb What is done, as in "Cannot differentiate …".
 * @throws {UserError} Anything was thrown.
 */
export function withNode<T>({ label }: NodeView, verb: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof UserError || !(cause instanceof Error)) throw cause;
    throw new UserError(
      `Cannot ${verb} ${label}: ${cause.message}`,
      "check that the model was downloaded whole, and that it takes inputs of these shapes",
      { cause },
    );
  }
}
