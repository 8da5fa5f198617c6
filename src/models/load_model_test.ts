import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { refusal } from "../../tests/refusal.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { graphOf, readModel, writeModel } from "../onnx/model.ts";
import {
  NodeProtoSchema,
  TensorProto_DataLocation as Location,
  TensorProtoSchema,
} from "../onnx/proto/onnx_pb.ts";
import { listModelFiles } from "../catalog/integrity.ts";
import { externalEntries } from "../onnx/tensor.ts";
import { loadModelOn } from "./load_model.ts";
import { openModel } from "./open_model.ts";
import assert from "node:assert/strict";

const EMBEDDED = fileURLToPath(new URL("../../models/emoji", import.meta.url));

/** The embedded model, with one more weight in its U-Net, which takes so many gigabytes. */
async function hugeModel(gigabytes: number) {
  const folder = await Deno.makeTempDir();
  for (const { path } of await listModelFiles(EMBEDDED)) {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.copyFile(join(EMBEDDED, path), join(folder, path));
  }
  const model = readModel(await Deno.readFile(join(folder, "unet/model.onnx")));
  const graph = graphOf(model);
  const length = gigabytes * 1e9;
  graph.initializer.push(create(TensorProtoSchema, {
    name: "huge",
    dataType: 1,
    dims: [BigInt(length / 4)],
    dataLocation: Location.EXTERNAL,
    externalData: externalEntries({ location: "weights.pb", offset: 0, length }),
  }));
  const [output] = graph.output;
  const last = graph.node.find((node) => node.output[0] === output.name)!;
  last.output = ["small"];
  graph.node.push(
    create(NodeProtoSchema, { opType: "ReduceMin", input: ["huge"], output: ["least"] }),
    create(NodeProtoSchema, { opType: "Add", input: ["small", "least"], output: [output.name] }),
  );
  await Deno.writeFile(join(folder, "unet/model.onnx"), writeModel(model));
  // A file with nothing in it takes no room on the disk.
  using weights = await Deno.create(join(folder, "unet/weights.pb"));
  await weights.truncate(length);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

Deno.test("loadModel() refuses a model that the device cannot hold, before it reads its weights", async () => {
  await using huge = await hugeModel(4.4);
  await using backend = await createCpuBackend();
  const files = await openModel(huge.folder);
  const load = (options: { force?: boolean }) =>
    loadModelOn(backend, { ...files, digest: () => Promise.resolve("") }, options);
  const { rss } = Deno.memoryUsage();
  await assert.rejects(
    load({}),
    refusal(/^Not enough memory: tensor "huge" of the U-Net takes 4\.4 GB, device cpu has tensors/),
  );
  assert.ok(Deno.memoryUsage().rss - rss < 1e9);
  assert.equal((await load({ force: true })).imageSize, 64);
});
