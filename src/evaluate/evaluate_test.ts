import assert from "node:assert/strict";
import { everything, nothing, queries, truth } from "../../tests/queries.ts";
import { evaluate } from "./evaluate.ts";
import { summarize, wholeImage } from "./summarize.ts";

const clock = () => 0;

Deno.test("evaluate gives the truth full marks, and the whole image its area", async () => {
  const perfect = await evaluate(queries, truth, { clock });
  assert.equal(perfect.meanIou, 1);
  assert.deepEqual(perfect.precision, { "0.2": 1, "0.4": 1, "0.6": 1, "0.8": 1 });

  const whole = await evaluate(queries, everything, { clock });
  assert.ok(Math.abs(whole.meanIou - 0.45) < 1e-12);
  assert.deepEqual(whole.precision, { "0.2": 0.5, "0.4": 0.5, "0.6": 0.5, "0.8": 0 });
  assert.deepEqual(summarize(wholeImage(perfect.results)), whole);

  const empty = await evaluate(queries, nothing, { clock });
  assert.equal(empty.meanIou, 0);
});

Deno.test("evaluate refuses no queries, and an answer of another size", async () => {
  await assert.rejects(evaluate([], truth, { clock }), RangeError);
  const small = () => Promise.resolve(new Float32Array(3));
  await assert.rejects(evaluate(queries, small, { clock }), RangeError);
});
