/**
 * Weights to differentiate by, taken for inputs meanwhile.
 *
 * @module
 */
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import type { TensorProto } from "../onnx/proto/onnx_pb.ts";
import { tensorType } from "../onnx/tensor.ts";
import { valueInfo } from "../onnx/value_info.ts";

/** A model some of whose initializers have become inputs. */
export interface Promoted {
  readonly model: OnnxModel;
  /** The initializers that became inputs. */
  readonly tensors: readonly TensorProto[];
}

/**
 * Turns the named initializers into inputs, so that nothing is folded or simplified by their values:
 * a scale of ones has a derivative too. Names of other tensors are left alone.
 *
 * @example
 * ```ts
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { promote } from "./promote.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
 * const w = g.constant("float32", [2], 1);
 * const { model, tensors } = promote(g.build([g.mul(x, w)]), ["x", w.name]);
 * console.assert(tensors.length === 1 && model.graph!.input.length === 2);
 * ```
 */
export function promote(model: OnnxModel, names: readonly string[]): Promoted {
  const graph = graphOf(model);
  const chosen = ({ name }: { readonly name: string }) => names.includes(name);
  const tensors = graph.initializer.filter(chosen);
  if (tensors.length === 0) return { model, tensors };
  const listed = new Set(graph.input.map(({ name }) => name));
  const added = tensors.flatMap((tensor) => {
    const type = tensorType(tensor);
    return type && !listed.has(tensor.name) ? [valueInfo({ name: tensor.name, ...type })] : [];
  });
  return {
    model: {
      ...model,
      graph: {
        ...graph,
        input: [...graph.input, ...added],
        initializer: graph.initializer.filter((tensor) => !chosen(tensor)),
      },
    },
    tensors,
  };
}
