import type { Recompute } from "../autodiff/recompute.ts";
import { cotangentName, vjp } from "../autodiff/vjp.ts";
import type { Backend, ExternalData, Session, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { type PreparedGraph, prepareGraph } from "./prepared_graph.ts";

/** The two halves of a network's vector-Jacobian product, loaded. */
export interface DifferentiatedSessions {
  /** Inputs → output and residuals. */
  readonly forward: Session;
  /** Residuals and the output's cotangent → an input's cotangent. */
  readonly backward: Session;
}

/** Names of the tensors between which a network is differentiated. */
export interface DifferentiatedNames {
  /** The output. */
  readonly of: string;
  /** The input with respect to which it is differentiated. */
  readonly wrt: string;
}

/** The two halves of a network's vector-Jacobian product, ready to be loaded. */
export interface DifferentiatedGraphs {
  readonly forward: PreparedGraph;
  readonly backward: PreparedGraph;
}

/**
 * Prepares a network's vector-Jacobian product.
 *
 * @param name The network's name in messages.
 * @param model The network with fixed shapes; `externalData` are the weights that are not in it.
 */
export function prepareDifferentiated(
  name: string,
  { model, externalData, recompute, of, wrt }: DifferentiatedNames & {
    readonly model: OnnxModel;
    readonly externalData: readonly ExternalData[];
    readonly recompute?: Recompute | undefined;
  },
): DifferentiatedGraphs {
  const { forward, backward } = vjp(model, { of, wrt: [wrt], recompute });
  return {
    forward: prepareGraph(name, forward, externalData),
    backward: prepareGraph(`${name}'s derivative`, backward, externalData),
  };
}

/**
 * A frozen network y = f(x) and its adjoint x̄ = J_fᵀ ȳ. The residuals stay on the device between the
 * two.
 */
export class DifferentiatedNetwork implements Disposable {
  /** y, written by {@link forward}. */
  readonly output: Tensor;
  /** x̄, written by {@link adjoint}. */
  readonly cotangent: Tensor;
  readonly #sessions: DifferentiatedSessions;
  readonly #names: DifferentiatedNames;
  /** Outputs of the forward half by name: y and the residuals. */
  readonly #outputs: Record<string, Tensor>;
  readonly #tensors: Disposable;
  #inputs: Readonly<Record<string, Tensor>> = {};

  constructor(backend: Backend, sessions: DifferentiatedSessions, names: DifferentiatedNames) {
    const { forward, backward } = sessions;
    using scope = new TensorScope(backend);
    // Shapes are fixed, so every dimension is a number.
    const allocate = ({ shape, dtype }: Session["outputs"][number]) =>
      scope.tensor(shape as number[], undefined, dtype);
    this.#sessions = sessions;
    this.#names = names;
    this.#outputs = Object.fromEntries(forward.outputs.map((info) => [info.name, allocate(info)]));
    this.output = this.#outputs[names.of];
    this.cotangent = allocate(backward.outputs[0]);
    this.#tensors = scope.move();
  }

  /** y from the inputs by name, which must stay unchanged until {@link adjoint}. */
  async forward(inputs: Readonly<Record<string, Tensor>>) {
    this.#inputs = inputs;
    const { forward } = this.#sessions;
    await forward.run(this.#feeds(forward), this.#outputs);
  }

  /** x̄ from ȳ, at the inputs of the last {@link forward}. */
  async adjoint(cotangent: Tensor) {
    const { of, wrt } = this.#names;
    const { backward } = this.#sessions;
    await backward.run(
      { ...this.#feeds(backward), [cotangentName(of)]: cotangent },
      { [cotangentName(wrt)]: this.cotangent },
    );
  }

  /** The inputs and residuals that a half reads. */
  #feeds({ inputs }: Session): Record<string, Tensor> {
    const known: Record<string, Tensor | undefined> = { ...this.#outputs, ...this.#inputs };
    return Object.fromEntries(
      inputs.flatMap(({ name }) => known[name] ? [[name, known[name]]] : []),
    );
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
