import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { join } from "node:path";
import { graphOf, type OnnxModel, writeModel } from "../../src/onnx/model.ts";
import {
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation as Location,
} from "../../src/onnx/proto/onnx_pb.ts";
import { parameterBytes, parameterOf } from "./parameter.ts";

/** Tensors of fewer bytes stay in the graph's file, as `onnx.save_model` does by default. */
const LEAST_EXTERNAL = 1024;

/**
 * Puts the seeded weights into a graph and writes it as `<folder>/model.onnx`; the graph is changed.
 *
 * @param sidecar Name of the file beside it that gets the large tensors one after the other; without
 * one, all are inside.
 */
export async function writeGraph(
  folder: string,
  model: OnnxModel,
  sidecar?: string,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  using file = sidecar === undefined
    ? undefined
    : await Deno.open(join(folder, sidecar), { write: true, create: true, truncate: true });
  let offset = 0;
  for (const tensor of graphOf(model).initializer) {
    const parameter = parameterOf(tensor);
    if (!parameter) continue;
    tensor.docString = "";
    const bytes = parameterBytes(parameter);
    if (!file || bytes.length < LEAST_EXTERNAL) {
      tensor.rawData = bytes;
      continue;
    }
    await writeAll(file, bytes);
    pointTo(tensor, { location: sidecar!, offset, length: bytes.length });
    offset += bytes.length;
  }
  await Deno.writeFile(join(folder, "model.onnx"), writeModel(model));
}

function pointTo(tensor: TensorProto, place: Record<string, string | number>) {
  tensor.dataLocation = Location.EXTERNAL;
  tensor.externalData = Object.entries(place).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value: String(value) })
  );
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array) {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
