import { create, toBinary } from "npm:@bufbuild/protobuf@2.17.0";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from "../../src/onnx/proto/onnx_pb.ts";

/**
 * An ONNX file with one node and some weights, which nobody computes.
 *
 * @param weights Bytes of the weights.
 */
export function tinyOnnx(
  { opType = "Relu", domain = "", weights = new Uint8Array(16) } = {},
): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "a test",
    opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
    graph: create(GraphProtoSchema, {
      name: "graph",
      initializer: [create(TensorProtoSchema, {
        name: "weights",
        dims: [BigInt(weights.length)],
        dataType: TensorProto_DataType.UINT8,
        rawData: weights,
      })],
      node: [create(NodeProtoSchema, { opType, domain, input: ["x"], output: ["y"] })],
    }),
  });
  return new Uint8Array(toBinary(ModelProtoSchema, model));
}
