import { clone } from "npm:@bufbuild/protobuf@2.17.0";
import { graphOf, type OnnxModel } from "../src/onnx/model.ts";
import {
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType as Code,
  type ValueInfoProto,
} from "../src/onnx/proto/onnx_pb.ts";

/** A float32 model after a conversion to float16, inputs and outputs included. */
export function narrow(model: OnnxModel): OnnxModel {
  const narrowed = clone(ModelProtoSchema, model);
  const graph = graphOf(narrowed);
  // ONNX wants the scales of a Resize as float32.
  const scales = new Set(
    graph.node.flatMap(({ opType, input }) => opType === "Resize" ? input[2] : []),
  );
  graph.initializer.forEach((tensor) => scales.has(tensor.name) || narrowTensor(tensor));
  graph.node.forEach((node) => narrowNode(node, scales));
  [...graph.input, ...graph.output].forEach(narrowInfo);
  graph.valueInfo = [];
  return narrowed;
}

function narrowNode({ output, attribute }: NodeProto, scales: ReadonlySet<string>) {
  for (const one of attribute) {
    if (one.name === "to" && Number(one.i) === Code.FLOAT) one.i = BigInt(Code.FLOAT16);
    if (one.t && !scales.has(output[0])) narrowTensor(one.t);
  }
}

function narrowTensor(tensor: TensorProto) {
  if (tensor.dataType !== Code.FLOAT) return;
  const values = tensor.rawData.length > 0
    ? new Float32Array(tensor.rawData.slice().buffer)
    : tensor.floatData;
  tensor.dataType = Code.FLOAT16;
  tensor.rawData = new Uint8Array(Float16Array.from(values).buffer);
  tensor.floatData = [];
}

function narrowInfo({ type }: ValueInfoProto) {
  if (type?.value.case === "tensorType" && type.value.value.elemType === Code.FLOAT) {
    type.value.value.elemType = Code.FLOAT16;
  }
}
