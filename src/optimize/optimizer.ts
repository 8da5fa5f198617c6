import type { Backend } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { Parameter } from "../parametrization/parametrization.ts";
import { adam } from "./adam.ts";
import { sgd } from "./sgd.ts";

/** The stage *step*: changes the parameters against their cotangents. */
export interface Optimizer extends Disposable {
  /** Takes one step on every parameter. */
  step(): void;
}

/** The optimiser and its constants. */
export interface OptimizerSettings {
  readonly optimizer: "sgd" | "adam";
  /** η, in units of θ. */
  readonly learningRate: number;
  /** μ of SGD, 0..1; 0 is plain SGD. */
  readonly momentum: number;
}

/** Adam's usual constants (Kingma & Ba 2015). */
const BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-8;

/**
 * Creates an optimiser with its own state tensors.
 */
export function createOptimizer(
  backend: Backend,
  parameters: readonly Parameter[],
  { optimizer, learningRate, momentum }: OptimizerSettings,
): Optimizer {
  using scope = new TensorScope(backend);
  const like = ({ value }: Parameter) => scope.tensor(value.shape);
  const firstMoments = parameters.map(like);
  const secondMoments = optimizer === "adam" ? parameters.map(like) : [];
  const tensors = scope.move();
  let steps = 0;
  return {
    step() {
      steps++;
      parameters.forEach(({ value, cotangent }, k) => {
        const count = value.size;
        if (optimizer === "sgd") {
          // v ← μv + θ̄; θ ← θ − ηv
          backend.dispatch(
            sgd,
            { parameters: value, gradient: cotangent, velocity: firstMoments[k] },
            { count, learningRate, momentum },
          );
        } else {
          // θ ← θ − η m̂ / (√v̂ + ε)
          backend.dispatch(
            adam,
            {
              parameters: value,
              gradient: cotangent,
              firstMoment: firstMoments[k],
              secondMoment: secondMoments[k],
            },
            {
              count,
              learningRate,
              beta1: BETA1,
              beta2: BETA2,
              epsilon: EPSILON,
              correction1: 1 - BETA1 ** steps,
              correction2: 1 - BETA2 ** steps,
            },
          );
        }
      });
    },
    [Symbol.dispose]() {
      tensors[Symbol.dispose]();
    },
  };
}
