import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { QUANTISED, quantisedEncoder } from "../../tests/quantised_encoder.ts";
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

Deno.test("loadModel() refuses a quantised VAE encoder, whatever the loss, and no other quantised graph", async () => {
  await using backend = await createCpuBackend();
  const files = await openModel("emoji");
  for (const op of QUANTISED) {
    const model = quantisedEncoder(op, "sample", "latent_parameters");
    const quantised = async (path: string) => ({
      ...await files.graph("vae_encoder"),
      path,
      model,
      bytes: writeModel(model),
      externalData: [],
    });
    for (const loss of ["sds", "clip"] as const) {
      const load = loadModelOn(backend, {
        ...files,
        graph: (name) =>
          name === "vae_encoder" ? quantised("vae_encoder/model.onnx") : files.graph(name),
      }, { loss });
      const message = new RegExp(
        '^Cannot use "vae_encoder/model.onnx": a quantised VAE encoder cannot be differentiated, ' +
          "found its operator (\\w+)$",
      );
      await assert.rejects(load, refusal(message));
      await assert.rejects(
        load,
        ({ message }) => graphOf(model).node.some(({ opType }) => message.endsWith(` ${opType}`)),
      );
    }
    const decoder = await loadModelOn(backend, {
      ...files,
      graph: (name) =>
        name === "vae_decoder" ? quantised("vae_decoder/model.onnx") : files.graph(name),
      digest: () => Promise.resolve(""),
    });
    assert.equal(decoder.imageSize, 64);
  }
});
