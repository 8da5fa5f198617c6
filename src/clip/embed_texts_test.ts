import assert from "node:assert/strict";
import { asFree } from "../../tests/as_free.ts";
import { fixturePath } from "../../tests/fixture_path.ts";
import { refusal } from "../../tests/refusal.ts";
import { assertClose } from "../../tests/vectors.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { loadModelOn } from "../models/load_model.ts";
import { openClipModel } from "../models/open_clip.ts";
import { openModel } from "../models/open_model.ts";
import { type OnnxModel, writeModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { embedClipTexts } from "./embed_texts.ts";

const model = async () =>
  await loadModelOn(await createCpuBackend({ threads: 1 }), await openModel("emoji"));
const fixture = await openClipModel(fixturePath("companions/clip"));
const withText = (text: OnnxModel) => ({
  ...fixture,
  graph: () => Promise.resolve({ bytes: writeModel(text), model: text, externalData: [] }),
});

Deno.test("each text is embedded by itself, at length 1, and the encoder freed", async () => {
  await using diffusion = await model();
  const { liveTensors, liveSessions } = diffusion.backend;
  const both = await embedClipTexts(diffusion, fixture, ["a dog", "a cat"]);
  const alone = await embedClipTexts(diffusion, fixture, ["a cat"]);
  const [, , width] = both.shape;
  assert.deepEqual(both.data.subarray(width), alone.data);
  assert.notDeepEqual(both.data.subarray(0, width), alone.data);
  assert(Math.abs(Math.hypot(...alone.data) - 1) < 1e-6);
  const { backend } = diffusion;
  assert.deepEqual([backend.liveTensors, backend.liveSessions], [liveTensors, liveSessions]);
});

Deno.test("without a tokenizer of its own, CLIP reads as the diffusion model does", async () => {
  await using diffusion = await model();
  // The fixture's tokenizer is the embedded model's.
  const own = await embedClipTexts(diffusion, fixture, ["a dog"]);
  const other = await embedClipTexts(diffusion, { ...fixture, tokenizer: undefined }, ["a dog"]);
  assert.deepEqual(own, other);
});

Deno.test("a text that is too long is told", async () => {
  await using diffusion = await model();
  const told: string[] = [];
  const long = Array.from({ length: 99 }, () => "dog").join(" ");
  await embedClipTexts(diffusion, fixture, [long], (message) => told.push(message));
  assert.equal(told.length, 1);
  assert.match(told[0], /^Prompt "dog dog .*…" is \d+ tokens longer than the model's \d+/);
});

Deno.test("an attention mask is ones; free lengths are the tokenizer's", async () => {
  await using diffusion = await model();
  const g = new OpBuilder({ opset: 18 });
  const [ids, mask] = ["input_ids", "attention_mask"].map((name) =>
    g.addInput({ name, dtype: "int64", shape: [1, 1] })
  );
  const counted = g.reduce("ReduceSum", g.cast(mask, "float32"), [1]);
  const none = g.mul(g.reduce("ReduceMax", g.cast(ids, "float32"), [1]), g.scalar(0, counted));
  const three = g.add(none, g.scalar(3, none));
  const text = g.build([g.rename(g.concat([counted, three], 1), "text_embeds")]);
  const free = asFree(text, ["batch", "tokens"], [1, 2]);
  const inputs = free.graph!.input;
  inputs[1] = { ...inputs[1], type: inputs[0].type };
  const { data } = await embedClipTexts(diffusion, withText(free), ["a dog"]);
  const { model_max_length: tokens } = JSON.parse(fixture.tokenizer!["tokenizer_config.json"]!);
  assertClose(data, [tokens / Math.hypot(tokens, 3), 3 / Math.hypot(tokens, 3)], 1e-6);
});

Deno.test("what is no text encoder of CLIP is refused", async () => {
  await using diffusion = await model();
  const refused = (text: OnnxModel, message: RegExp) =>
    assert.rejects(embedClipTexts(diffusion, withText(text), ["a dog"]), refusal(message));
  const encoder = await (await openModel("emoji")).graph("text_encoder");
  await refused(encoder.model, /must give text_embeds; it gives last_hidden_state/);
  const unet = await (await openModel("emoji")).graph("unet");
  await refused(unet.model, /must take input_ids .*; it takes sample, timestep, /);
  assert.equal(diffusion.backend.liveSessions, 0);
});
