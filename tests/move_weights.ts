import { clone } from "npm:@bufbuild/protobuf@2.17.0";
import { externalEntries } from "../src/onnx/external.ts";
import { graphOf, type OnnxModel, writeModel } from "../src/onnx/model.ts";
import {
  ModelProtoSchema,
  TensorProto_DataLocation as Location,
} from "../src/onnx/proto/onnx_pb.ts";

/**
 * A large model as exporters write it: the graph, and its weights in a file of their own.
 *
 * @param location The name of that file in the graph.
 */
export function moveWeights(
  model: OnnxModel,
  location: string,
): { file: Uint8Array<ArrayBuffer>; weights: Uint8Array<ArrayBuffer> } {
  const moved = clone(ModelProtoSchema, model);
  const tensors = graphOf(moved).initializer.filter(({ rawData }) => rawData.length > 0);
  const length = tensors.reduce((sum, { rawData }) => sum + rawData.length, 0);
  const weights = new Uint8Array(length);
  let offset = 0;
  for (const tensor of tensors) {
    weights.set(tensor.rawData, offset);
    tensor.externalData = externalEntries({ location, offset, length: tensor.rawData.length });
    tensor.dataLocation = Location.EXTERNAL;
    offset += tensor.rawData.length;
    tensor.rawData = new Uint8Array();
  }
  return { file: writeModel(moved), weights };
}
