import assert from "node:assert/strict";
import { LAYOUTS, readStrippedGraph } from "../../tests/stable_diffusion/graphs.ts";
import type { Backend } from "../backend/backend.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { openModel } from "../models/open_model.ts";
import { inFloat32 } from "../models/precision.ts";
import { float32Ports } from "../onnx/float_types.ts";
import { graphOf, readModel } from "../onnx/model.ts";
import { createTokenizer, type Tokenizer } from "../prompt/tokenize.ts";
import { prepareUnet } from "./prepare_networks.ts";

const FILES = await openModel("emoji");
const UNET = inFloat32(await FILES.graph("unet"));
const GRAPH = () => Promise.resolve(UNET);
const WEIGHTS = new Set(graphOf(UNET.model).initializer.map(({ name }) => name));
const TOKENIZER = await createTokenizer(FILES.tokenizerFiles);
const LATENTS = [4, 16, 16] as const;

Deno.test("prepareUnet() makes the tensors of a U-Net fit, and its numbers stay", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const results: Float32Array[] = [];
  for (const tensor of [2 ** 30, 2 ** 18]) {
    const limits = { tensor, total: undefined };
    const device = new Proxy(backend, {
      get: (target, name) => name === "limits" ? limits : Reflect.get(target, name, target),
    });
    const parts = { backend: device, graph: GRAPH, tokenizer: TOKENIZER };
    const unet = await prepareUnet(parts, 2, LATENTS);
    // In this U-Net, the largest tensors after the scores are weights.
    if (tensor === 2 ** 18) assert.ok(WEIGHTS.has(unet.memory.largest.name));
    using session = await unet.load(backend);
    using sample = backend.tensor([2, ...LATENTS], ramp(2 * 1024));
    using states = backend.tensor([2, 24, 128], ramp(2 * 24 * 128));
    using output = backend.tensor([2, ...LATENTS]);
    const [x, t, c] = session.inputs.map(({ name }) => name);
    const timestep = { data: new BigInt64Array(2).fill(500n), shape: [2], dtype: "int64" as const };
    await session.run({ [x]: sample, [t]: timestep, [c]: states }, {
      [session.outputs[0].name]: output,
    });
    results.push(await backend.read(output));
  }
  const [whole, split] = results;
  split.forEach((x, i) => assert.ok(Math.abs(x - whole[i]) < 1e-5));
});

Deno.test("prepareUnet() tells what the U-Net takes", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const parts = { backend, graph: GRAPH, tokenizer: TOKENIZER };
  const [one, four] = await Promise.all([2, 8].map((batch) => prepareUnet(parts, batch, LATENTS)));
  const { length } = UNET.bytes;
  assert.ok(one.memory.weights > 0.95 * length && one.memory.weights < length);
  const growth = four.memory.activations / one.memory.activations;
  assert.ok(Math.abs(growth - 4) < 0.01, `grew ${growth} times`);
});

Deno.test("prepareUnet() counts at least the weights of a U-Net whose shapes cannot be inferred", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const model = readModel(UNET.bytes);
  const last = graphOf(model).node.at(-1)!;
  last.domain = "com.microsoft";
  last.opType = "FusedConv";
  graphOf(model).output[0].type = undefined;
  const graph = () => Promise.resolve({ ...UNET, model });
  const { memory } = await prepareUnet({ backend, graph, tokenizer: TOKENIZER }, 2, LATENTS);
  assert.ok(memory.activations === 0 && memory.weights > 0.95 * UNET.bytes.length);
});

for (const layout of LAYOUTS) {
  Deno.test(`prepareUnet() fits Stable Diffusion at 512² into 128 MiB a tensor, as ${layout}`, async () => {
    const model = float32Ports(await readStrippedGraph("full", layout, "unet"));
    const graph = () => Promise.resolve({ bytes: new Uint8Array(), model, externalData: [] });
    const backend = { limits: { tensor: 2 ** 27, total: undefined } } as Backend;
    const tokenizer = { maxLength: 77 } as Tokenizer;
    const { memory } = await prepareUnet({ backend, graph, tokenizer }, 2, [4, 64, 64]);
    assert.ok(memory.largest.bytes <= 2 ** 27, `${memory.largest.name}: ${memory.largest.bytes}`);
    assert.ok(memory.activations > 0 && memory.activations < 4e8);
    // 860 million parameters.
    assert.equal(Math.round(memory.weights / (layout === "fp16" ? 2 : 4) / 1e6), 860);
  });
}

function ramp(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i));
}
