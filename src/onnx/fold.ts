/**
 * Constant folding of shape arithmetic: nodes on small constants become constants.
 *
 * @module
 */
import { arithmetic, type Constant, type FoldTable, shape } from "./fold_rules.ts";
import { inferTypes } from "./infer.ts";
import { type NodeScope, NodeView } from "./node_view.ts";
import type { TensorProto } from "./proto/onnx_pb.ts";
import { makeTensor, tensorType, tensorValues } from "./tensor.ts";
import { sizeOf } from "./value.ts";

/** Folding rules by operator. */
export const FOLD_RULES: FoldTable = { ...arithmetic, ...shape };

/** Larger tensors are weights, not shapes: the runtime computes with them. */
const LARGEST = 16384;

/**
 * The constant that a node is equal to; `undefined` if it reads data or large tensors, or if its
 * operator has no rule.
 *
 * A `Shape` or `Size` of any tensor of known shape is a constant.
 */
export function fold(node: NodeView, scope: NodeScope): TensorProto | undefined {
  if (node.proto.output.length !== 1) return undefined;
  const [name] = node.proto.output;
  const [type] = inferTypes(node);
  if (!type || type.dtype === "string" || sizeOf(type.shape) > LARGEST) return undefined;
  if (node.op === "Shape") {
    const { shape } = node.input(0);
    return makeTensor(
      name,
      "int64",
      type.shape,
      shape.slice(node.int("start", 0)).slice(0, type.shape[0]),
    );
  }
  if (node.op === "Size") return makeTensor(name, "int64", [], sizeOf(node.input(0).shape));
  const rule = FOLD_RULES[node.op];
  const inputs = rule && constants(node, scope);
  return inputs && makeTensor(name, type.dtype, type.shape, [...rule(node, inputs, type)]);
}

/** The node's inputs, if all are small constants. */
function constants(node: NodeView, scope: NodeScope): Constant[] | undefined {
  const result: Constant[] = [];
  for (const name of node.proto.input.filter(Boolean)) {
    const tensor = scope.initializers.get(name);
    const type = tensor && tensorType(tensor);
    if (!tensor || !type || sizeOf(type.shape) > LARGEST) return undefined;
    const values = tensorValues(tensor);
    if (!values) return undefined;
    result.push({ ...type, values });
  }
  return result;
}
