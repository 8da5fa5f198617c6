import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { refusal } from "../../tests/refusal.ts";
import { readSafetensors } from "../../tests/safetensors.ts";
import { assertClose } from "../../tests/vectors.ts";
import type { Backend } from "../backend/backend.ts";
import { loadModelOn } from "../models/load_model.ts";
import { openModel } from "../models/open_model.ts";
import { embedPrompts, embedTexts, labelMeans, meanEmbeddings } from "./embed.ts";
import { textEncoderPorts } from "./text_encoder_ports.ts";
import { createTokenizer, tokenizeTexts } from "./tokenize.ts";

const TRAJECTORY = new URL(
  "../../tests/golden/trajectory/rgb-bilateral.safetensors",
  import.meta.url,
);

testOnBackends(
  "embedPrompts() agrees with PyTorch, whatever other prompts run with one",
  async (backend) => {
    const { metadata, tensors: { embeddings: expected } } = readSafetensors(TRAJECTORY);
    const model = await openModel("emoji");
    const tokenizer = await createTokenizer(model.tokenizerFiles);
    const { bytes } = await model.graph("text_encoder");
    await using _ = backend;
    using session = await backend.load(bytes);
    const embed = (prompts: string[]) =>
      embedPrompts(backend, session, tokenizeTexts({ tokenizer }, prompts, assert.fail));
    const both = await embed(["", metadata.prompt]);
    assert.deepEqual(both.shape, expected.shape);
    assertClose(both.data, expected.data, 1e-4);

    const three = await embed(["a cat", "", metadata.prompt]);
    assert.deepEqual(three.data.subarray(both.data.length / 2), both.data);
    assert.equal(backend.liveTensors, 0);
  },
);

/** A backend that loads nothing. */
function unloading(backend: Backend): Backend {
  return new Proxy(backend, {
    get(target, name) {
      if (name === "load") return () => Promise.reject(new Error("Loaded on the device"));
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

testOnBackends("texts are embedded on the CPU, whatever the model's device", async (backend) => {
  const files = await openModel("emoji");
  const tokenizer = await createTokenizer(files.tokenizerFiles);
  const wanted = await embedTexts({ graph: files.graph, tokenizer }, ["", "a dog"], assert.fail);
  await using model = await loadModelOn(unloading(backend), files);
  assert.deepEqual(await embedTexts(model, ["", "a dog"]), wanted);
  assert.deepEqual([backend.liveSessions, backend.liveTensors], [0, 0]);
});

const IDS = { name: "input_ids", dtype: "int64", shape: ["batch", "sequence"] };
const STATES = { name: "last_hidden_state", dtype: "float32", shape: ["batch", "sequence", 768] };

Deno.test("textEncoderPorts() prefers last_hidden_state, and takes ids of 32 bits too", () => {
  const pooled = { ...STATES, name: "pooler_output", shape: ["batch", 768] };
  const hidden = { ...STATES, name: "hidden" };
  const ports = { inputs: [{ ...IDS, dtype: "int32" }], outputs: [pooled, hidden, STATES] };
  const { ids, hiddenStates } = textEncoderPorts(ports);
  assert.deepEqual([ids.dtype, hiddenStates], ["int32", STATES]);
});

Deno.test("textEncoderPorts() takes the first output of rank 3 where names are foreign", () => {
  const outputs = [{ ...STATES, name: "pooled", shape: ["batch", 768] }, {
    ...STATES,
    name: "hidden",
  }];
  assert.equal(textEncoderPorts({ inputs: [IDS], outputs }).hiddenStates.name, "hidden");
});

Deno.test("textEncoderPorts() refuses graphs of other kinds", () => {
  const mask = { ...IDS, name: "attention_mask" };
  assert.throws(
    () => textEncoderPorts({ inputs: [IDS, mask], outputs: [STATES] }),
    refusal(/takes input_ids \(int64, rank 2\), attention_mask \(int64, rank 2\)$/),
  );
  assert.throws(
    () => textEncoderPorts({ inputs: [{ ...IDS, dtype: "float32" }], outputs: [STATES] }),
    refusal(/takes input_ids \(float32, rank 2\)$/),
  );
  for (const state of [{ ...STATES, dtype: "float16" }, { ...STATES, shape: ["b", "t", "d"] }]) {
    assert.throws(
      () => textEncoderPorts({ inputs: [IDS], outputs: [state] }),
      refusal(/gives last_hidden_state \(float\d\d, rank 3\)$/),
    );
  }
});

Deno.test("meanEmbeddings averages each label's prompts and leaves the empty prompt alone", () => {
  const data = Float32Array.of(9, -9, 1, 2, 3, 4, 5, 8, 7, 7);
  const { data: means, shape } = meanEmbeddings({ data, shape: [5, 1, 2] }, [3, 1]);
  assert.deepEqual(shape, [3, 1, 2]);
  assert.deepEqual([...means], [9, -9, 3, Math.fround(14 / 3), 7, 7]);
});

Deno.test("the mean of one prompt, or of equal ones, is that prompt to the last bit", () => {
  const data = Float32Array.of(0, 0.1, 0.7, 0.7, 0.7);
  const { data: means } = meanEmbeddings({ data, shape: [5, 1, 1] }, [1, 3]);
  assert.deepEqual(means, Float32Array.of(0, 0.1, 0.7));
});

Deno.test("labelMeans averages where no empty prompt comes first", () => {
  const embeddings = { data: Float32Array.of(1, 2, 4), shape: [3, 1, 1] } as const;
  assert.deepEqual(labelMeans(embeddings, [1, 2]).data, Float32Array.of(1, 3));
});
