import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { refusal } from "../../tests/refusal.ts";
import { readSafetensors } from "../../tests/safetensors.ts";
import { assertClose } from "../../tests/vectors.ts";
import { openModel } from "../models/open_model.ts";
import { embedPrompts } from "./embed.ts";
import { textEncoderPorts } from "./text_encoder_ports.ts";
import { createTokenizer } from "./tokenize.ts";

const TRAJECTORY = new URL(
  "../../tests/golden/trajectory/rgb-bilateral.safetensors",
  import.meta.url,
);

testOnBackends(
  "embedPrompts() agrees with PyTorch, whatever other prompts run with one",
  async (backend) => {
    const { metadata, tensors: { embeddings: expected } } = readSafetensors(TRAJECTORY);
    const model = await openModel("emoji");
    const tokenizer = await createTokenizer(model.tokenizer);
    const { bytes } = await model.graph("text_encoder");
    await using _ = backend;
    using session = await backend.load(bytes);
    const both = await embedPrompts(backend, session, tokenizer, ["", metadata.prompt]);
    assert.deepEqual(both.shape, expected.shape);
    assertClose(both.data, expected.data, 1e-4);

    const three = await embedPrompts(backend, session, tokenizer, ["a cat", "", metadata.prompt]);
    assert.deepEqual(three.data.subarray(both.data.length / 2), both.data);
    assert.equal(backend.liveTensors, 0);
  },
);

const IDS = { name: "input_ids", dtype: "int64", shape: ["batch", "sequence"] };
const STATES = { name: "last_hidden_state", dtype: "float32", shape: ["batch", "sequence", 768] };

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
