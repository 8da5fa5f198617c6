import { cotangentName } from "../autodiff/vjp.ts";
import type { Backend, Session, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";

/** The two halves of a network's vector-Jacobian product, loaded. */
export interface DifferentiatedSessions {
  /** Inputs → output and residuals. */
  readonly forward: Session;
  /** Residuals and the output's cotangent → an input's cotangent. */
  readonly backward: Session;
}

/** Which of a network's tensors are differentiated. */
export interface DifferentiatedNames {
  /** The output. */
  readonly of: string;
  /** The input with respect to which it is differentiated. */
  readonly wrt: string;
}

/**
 * A frozen network y = f(x) and its adjoint x̄ = J_fᵀ ȳ. The residuals stay on the device between the
 * two.
 *
 * @example
 * ```ts
 * import { vjp } from "../autodiff/vjp.ts";
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { writeModel } from "../onnx/model.ts";
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { DifferentiatedNetwork } from "./differentiated_network.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
 * const square = vjp(g.build([g.rename(g.mul(x, x), "y")]), { of: "y", wrt: ["x"] });
 *
 * await using backend = await createCpuBackend();
 * using forward = await backend.load(writeModel(square.forward));
 * using backward = await backend.load(writeModel(square.backward));
 * using network = new DifferentiatedNetwork(backend, { forward, backward }, { of: "y", wrt: "x" });
 * using input = backend.tensor([2], Float32Array.of(3, 4));
 * using ones = backend.tensor([2], Float32Array.of(1, 1));
 * await network.forward({ x: input });
 * await network.adjoint(ones);
 * console.assert((await backend.read(network.cotangent)).join() === "6,8");
 * ```
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

  /** Those of the inputs and residuals that a half reads. */
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
