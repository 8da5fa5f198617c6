import assert from "node:assert/strict";
import { failAt } from "../../tests/backends.ts";
import { refusal } from "../../tests/refusal.ts";
import type { SessionOptions } from "../backend/backend.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { loadingParts, loadModelOn } from "../models/load_model.ts";
import { openModel } from "../models/open_model.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { graphOf, readModel, writeModel } from "../onnx/model.ts";
import { valueInfo } from "../onnx/value_info.ts";
import { embedTexts } from "../prompt/embed.ts";
import { loadNetworks, loadSamplingNetworks } from "./load_networks.ts";
import { createDiffusionModel, type GraphName } from "./model.ts";
import { prepareNetworks } from "./prepare_networks.ts";

Deno.test("a U-Net exported for one batch size runs that, and refuses another", async () => {
  const files = await openModel("emoji");
  const unet = await files.graph("unet");
  const model = fixShapes(unet.model, {
    sample: [2, 4, 16, 16],
    timestep: [2],
    encoder_hidden_states: [2, 24, 128],
  });
  const fixed = { ...unet, model, bytes: writeModel(model) };
  await using loaded = await loadModelOn(await createCpuBackend({ threads: 1 }), {
    ...files,
    graph: (name) => name === "unet" ? Promise.resolve(fixed) : files.graph(name),
  });
  const { unet: session } = await loadNetworks(loaded, 1, "mean");
  assert.deepEqual(session.outputs[0].shape, [2, 4, 16, 16]);
  const sessions = loaded.backend.liveSessions;
  await assert.rejects(loadNetworks(loaded, 3, "mean"), refusal(/batch of 2, 3 prompts.* need 6/));
  assert.equal(loaded.backend.liveSessions, sessions);
});

Deno.test("networks are made once for each number of prompts", async () => {
  const files = await openModel("emoji");
  await using model = await loadModelOn(await createCpuBackend({ threads: 1 }), files);
  const [one, again, two] = await Promise.all([
    loadNetworks(model, 1, "mean"),
    loadNetworks(model, 1, "mean"),
    loadNetworks(model, 2, "mean"),
  ]);
  assert.equal(one, again);
  assert.notEqual(one, two);
  assert.equal(model.backend.liveSessions, 6);
});

Deno.test("embedTexts gives one embedding per text, and tells of prompts that are cut", async () => {
  const files = await openModel("emoji");
  await using model = await loadModelOn(await createCpuBackend({ threads: 1 }), files);
  const warnings: string[] = [];
  const long = "a dog ".repeat(30);
  const { data, shape } = await embedTexts(
    model,
    ["", "a dog", long],
    (message) => warnings.push(message),
  );
  assert.deepEqual(shape, [3, 24, 128]);
  const { data: empty } = await embedTexts(model, ["", ""]);
  const one = 24 * 128;
  assert.deepEqual(empty.subarray(one), empty.subarray(0, one));
  assert.deepEqual(data.subarray(0, one), empty.subarray(0, one));
  assert.notDeepEqual(data.subarray(one, 2 * one), empty.subarray(0, one));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /^Prompt "a dog a dog .*…" is \d+ tokens longer than the model's 24/);
});

Deno.test("weights that a U-Net lists among its inputs are not taken for a batch", async () => {
  const files = await openModel("emoji");
  const unet = await files.graph("unet");
  const model = readModel(unet.bytes);
  const graph = graphOf(model);
  for (const { name, dims } of graph.initializer) {
    if (dims.length < 2) continue;
    graph.input.push(valueInfo({ name, dtype: "float32", shape: dims.map(Number) }));
  }
  const listed = { ...unet, model, bytes: writeModel(model) };
  await using loaded = await loadModelOn(await createCpuBackend({ threads: 1 }), {
    ...files,
    graph: (name) => name === "unet" ? Promise.resolve(listed) : files.graph(name),
  });
  const { unet: session } = await loadNetworks(loaded, 1, "mean");
  assert.equal(session.inputs.length, 3);
});

Deno.test("every free dimension of the networks is fixed when they are loaded", async () => {
  const files = await openModel("emoji");
  const backend = await createCpuBackend({ threads: 1 });
  const { load } = Object.getPrototypeOf(backend);
  const fixed: SessionOptions["freeDimensions"][] = [];
  backend.load = (bytes, options) => {
    fixed.push(options?.freeDimensions);
    return load.call(backend, bytes, options);
  };
  /** The graph with the token axis of its input left free. */
  const freed = async (name: GraphName) => {
    const graph = await files.graph(name);
    if (name === "vae_encoder") return graph;
    const model = readModel(graph.bytes);
    for (const { name, type } of graphOf(model).input) {
      if (!/^(input_ids|encoder_hidden_states)$/.test(name)) continue;
      assert(type?.value.case === "tensorType");
      type.value.value.shape!.dim[1].value = { case: "dimParam", value: "sequence" };
    }
    return { ...graph, model, bytes: writeModel(model) };
  };
  await using model = await loadModelOn(backend, { ...files, graph: freed });
  const { shape } = await embedTexts(model, ["", "a dog"]);
  assert.deepEqual(shape.slice(0, 2), [2, 24]);
  await loadNetworks(model, 3, "mean");
  // Texts are embedded on a backend of their own.
  assert.deepEqual(fixed, [
    { batch: 6, sequence: 24 },
    // The encoder's halves, whose shapes are fixed in the graph.
    undefined,
    undefined,
  ]);
});

Deno.test("graphs that were prepared for the memory check are loaded, not prepared again", async () => {
  const backend = await createCpuBackend({ threads: 1 });
  const files = await openModel("emoji");
  await using model = await loadModelOn(backend, files);
  const { posterior } = model.defaults;
  const prepared = await prepareNetworks(await loadingParts(backend, files), 1, posterior);
  const read: GraphName[] = [];
  const graph = (name: GraphName) => {
    read.push(name);
    return model.graph(name);
  };
  await using checked = createDiffusionModel({ ...model, prepared, graph });
  const networks = await loadNetworks(checked, 1, posterior);
  assert.deepEqual(networks.unet.outputs[0].shape, [2, 4, 16, 16]);
  assert.deepEqual(read, []);
  // The prepared U-Net makes images too.
  await loadSamplingNetworks(checked, 1, model.imageSize);
  assert.deepEqual(read, ["vae_decoder"]);
  await loadNetworks(checked, 2, posterior);
  assert.deepEqual(read, ["vae_decoder", "vae_encoder", "unet"]);
});

Deno.test("networks that cannot all be loaded leave no session behind", async () => {
  const backend = await createCpuBackend({ threads: 1 });
  await using model = await loadModelOn(backend, await openModel("emoji"));
  for (const failing of [1, 2, 3]) {
    const loads = failAt(backend, "load", failing);
    await assert.rejects(loadNetworks(model, 1, "mean"), { message: "No memory" });
    assert.equal(loads(), failing);
    assert.equal(backend.liveSessions, 0);
  }
});

Deno.test("a model is of no use after its disposal, nor while it is being loaded", async () => {
  const backend = await createCpuBackend({ threads: 1 });
  const model = await loadModelOn(backend, await openModel("emoji"));
  const loading = assert.rejects(loadNetworks(model, 2, "mean"), /used after it was disposed of/);
  await model[Symbol.asyncDispose]();
  await loading;
  assert.equal(backend.liveSessions, 0);
  const message = { message: 'Model "emoji" is used after it was disposed of' };
  await assert.rejects(loadNetworks(model, 1, "mean"), message);
  await assert.rejects(embedTexts(model, ["", "a dog"]), message);
});
