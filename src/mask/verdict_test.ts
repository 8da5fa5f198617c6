import assert from "node:assert/strict";
import { describeVerdicts, judgeMask } from "./verdict.ts";

const judge = (before: number[], now: number[], threshold = 0.5) =>
  judgeMask({ before: Float32Array.from(before), now: Float32Array.from(now), threshold });

Deno.test("a mask that changed and has two sides is trusted", () => {
  assert.equal(judge([0.5, 0.5], [0.9, 0.1]), "ok");
});

Deno.test("each way of going nowhere has a verdict of its own", () => {
  assert.equal(judge([0.6, 0.4], [0.605, 0.392]), "unmoved");
  assert.equal(judge([0.6, 0.4], [0.9, 0.905]), "constant");
  assert.equal(judge([0.6, 0.4], [0.1, 0.4]), "empty");
  assert.equal(judge([0.6, 0.4], [0.9, 0.6]), "full");
  for (const value of [NaN, Infinity, -Infinity]) {
    assert.equal(judge([0.6, 0.4], [value, 0.4]), "not-finite");
  }
});

Deno.test("the threshold decides which mask is empty and which is full", () => {
  assert.equal(judge([0.5, 0.5], [0.7, 0.2], 0.8), "empty");
  assert.equal(judge([0.5, 0.5], [0.7, 0.2], 0.2), "full");
  assert.equal(judge([0.5, 0.5], [0.7, 0.2], 0.3), "ok");
});

Deno.test("verdicts are told in one line, each advice once", () => {
  assert.equal(describeVerdicts([{ prompt: "a dog", verdict: "ok" }]), undefined);
  const told = describeVerdicts([
    { prompt: "a dog", verdict: "full" },
    { prompt: "a cat", verdict: "ok" },
    { prompt: "a cow", verdict: "full" },
  ]);
  assert.match(told!.message, /^the mask of "a dog" reaches .*; the mask of "a cow" reaches /);
  assert.doesNotMatch(told!.message, /a cat|\n/);
  assert.equal(told!.advice.match(/larger λ/g)?.length, 1);
});
