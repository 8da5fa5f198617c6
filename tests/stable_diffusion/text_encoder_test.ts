import assert from "node:assert/strict";
import { embedTexts } from "../../src/prompt/embed.ts";
import tokenizerGolden from "../golden/tokenizer/golden.json" with { type: "json" };
import { refusal } from "../refusal.ts";
import { readSafetensors } from "../safetensors.ts";
import { relativeError } from "../vectors.ts";
import { withStandIns } from "./with_stand_ins.ts";

const { tensors } = readSafetensors(new URL("golden.safetensors", import.meta.url));
const prompts = tokenizerGolden.cases.map(({ prompt }) => prompt);
/** Prompts of which no token is left, which are refused. */
const UNREADABLE = ["<|startoftext|>", "<|endoftext|>"];

/** Largest relative error: weights of fp16 are rounded. */
const TOLERANCE = { diffusers: 1e-4, optimum: 1e-4, fp16: 5e-3 };

Deno.test("embeddings of over 200 prompts are those of transformers' CLIPTextModel", async (t) => {
  const { places, embeddings } = tensors;
  const perPrompt = places.data.length;
  assert.ok(prompts.length >= 200);
  // Texts are embedded on the CPU, whatever the model's device.
  await withStandIns(t, { sampleSize: 8, devices: ["cpu"] }, async (model, layout) => {
    const { data, shape: [, tokens, width] } = await embedTexts(model, [
      "",
      // The places of the others stay.
      ...prompts.map((prompt) => UNREADABLE.includes(prompt) ? "" : prompt),
    ]);
    const size = tokens * width;
    let worst = 0;
    for (const [n, prompt] of prompts.entries()) {
      if (UNREADABLE.includes(prompt)) {
        await assert.rejects(embedTexts(model, [prompt]), refusal(/Cannot read prompt/));
        continue;
      }
      // The unconditional embedding comes first.
      const states = data.subarray((n + 1) * size, (n + 2) * size);
      const sampled = Array.from(places.data, (place) => states[(place + n) % size]);
      const wanted = embeddings.data.subarray(n * perPrompt, (n + 1) * perPrompt);
      worst = Math.max(worst, relativeError(sampled, wanted));
    }
    assert.ok(worst < TOLERANCE[layout], `relative error ${worst}`);
  });
});
