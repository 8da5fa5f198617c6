import assert from "node:assert/strict";
import type { Image } from "../image/image.ts";
import { evaluate, type Query, type QueryResult } from "./evaluate.ts";

/** A 10 × 1 picture whose mask is its first `inside` pixels; the picture carries the answer. */
function query(prompt: string, inside: number): Query {
  const mask = new Uint8Array(10).fill(255, 0, inside);
  const data = Uint8Array.from({ length: 30 }, (_, i) => mask[Math.floor(i / 3)]);
  return { image: { width: 10, height: 1, data }, prompt, mask };
}

const truth = ({ data }: Image) =>
  Promise.resolve(Float32Array.from({ length: 10 }, (_, i) => data[3 * i] / 255));
const everything = () => Promise.resolve(new Float32Array(10).fill(1));
const nothing = () => Promise.resolve(new Float32Array(10));

const queries = [query("a dog", 2), query("a cat", 7)];
const clock = () => 0;

Deno.test("evaluate gives the truth full marks, and the whole image its area", async () => {
  const perfect = await evaluate(queries, truth, { clock });
  assert.equal(perfect.meanIou, 1);
  assert.deepEqual(perfect.precision, { "0.2": 1, "0.4": 1, "0.6": 1, "0.8": 1 });
  assert.ok(Math.abs(perfect.wholeImageMeanIou - 0.45) < 1e-12);

  const whole = await evaluate(queries, everything, { clock });
  assert.equal(whole.meanIou, whole.wholeImageMeanIou);
  assert.deepEqual(whole.precision, { "0.2": 0.5, "0.4": 0.5, "0.6": 0.5, "0.8": 0 });

  const empty = await evaluate(queries, nothing, { clock });
  assert.equal(empty.meanIou, 0);
});

Deno.test("evaluate thresholds α as told", async () => {
  const faint = async (image: Image) => (await truth(image)).map((a) => 0.3 * a);
  assert.equal((await evaluate(queries, faint, { clock })).meanIou, 0);
  assert.equal((await evaluate(queries, faint, { clock, threshold: 0.25 })).meanIou, 1);
});

Deno.test("evaluate times each answer, and tells of it when it is there", async () => {
  let now = 1000;
  const slow = (image: Image) => {
    now += 500;
    return truth(image);
  };
  const told: QueryResult[] = [];
  const onResult = (result: QueryResult) => told.push(result);
  const { results, seconds } = await evaluate(queries, slow, { clock: () => now, onResult });
  assert.equal(seconds, 0.5);
  assert.deepEqual(told, results);
  assert.deepEqual(results[0], { prompt: "a dog", iou: 1, wholeImageIou: 0.2, seconds: 0.5 });
});

Deno.test("evaluate takes queries as they are made, and asks for each once it is done", async () => {
  const log: string[] = [];
  async function* made() {
    for (const query of queries) {
      log.push(`made ${query.prompt}`);
      yield await Promise.resolve(query);
    }
  }
  const segmenter = (image: Image, prompt: string) => {
    log.push(`asked ${prompt}`);
    return truth(image);
  };
  await evaluate(made(), segmenter, { clock });
  assert.deepEqual(log, ["made a dog", "asked a dog", "made a cat", "asked a cat"]);
});

Deno.test("evaluate refuses no queries, and an answer of another size", async () => {
  await assert.rejects(evaluate([], truth, { clock }), RangeError);
  const small = () => Promise.resolve(new Float32Array(3));
  await assert.rejects(evaluate(queries, small, { clock }), RangeError);
});
