import type { DataType } from "../../src/onnx/dtype.ts";
import type { TensorProto } from "../../src/onnx/proto/onnx_pb.ts";
import { tensorType } from "../../src/onnx/tensor.ts";
import { seededWeight } from "./seeded_weight.ts";

/** A parameter of a network that an initializer of a graph holds. */
export interface Parameter {
  /** PyTorch's name. */
  readonly name: string;
  /** PyTorch's shape, plus sizes of 1 that the exporter added. */
  readonly shape: readonly number[];
  /** True if the initializer is the parameter's transpose. */
  readonly transposed: boolean;
  /** Element type of the initializer. */
  readonly dtype: DataType;
}

/** The parameter of an initializer, which `export.py` names in its `doc_string`. */
export function parameterOf(tensor: TensorProto): Parameter | undefined {
  const type = tensorType(tensor);
  if (tensor.docString === "" || !type) return undefined;
  const transposed = tensor.docString.endsWith("^T");
  return {
    name: transposed ? tensor.docString.slice(0, -2) : tensor.docString,
    shape: shapeOf(type.shape, transposed),
    transposed,
    dtype: type.dtype,
  };
}

/** Scale and bias (C) of a normalisation are (C, 1, …) in a graph, where channels are not last. */
function shapeOf(shape: readonly number[], transposed: boolean): readonly number[] {
  if (transposed) return shape.toReversed();
  return shape.slice(1).every((size) => size === 1) ? [shape[0]] : shape;
}

/** The bytes of an initializer that stands for a parameter: its seeded weight. */
export function parameterBytes(parameter: Parameter): Uint8Array<ArrayBuffer> {
  const { name, shape, transposed, dtype } = parameter;
  const weight = seededWeight(name, shape);
  const values = transposed ? transpose(weight, shape) : weight;
  switch (dtype) {
    case "float32":
      return new Uint8Array(values.buffer);
    case "float16":
      return new Uint8Array(new Float16Array(values).buffer);
    default:
      throw new Error(`No exporter writes weights as ${dtype}`);
  }
}

function transpose(matrix: Float32Array, [rows, columns]: readonly number[]) {
  const result = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j];
  }
  return result;
}
