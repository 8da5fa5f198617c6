import assert from "node:assert/strict";
import { createCpuBackend } from "../backend/cpu.ts";
import { Graph } from "./graph.ts";
import { graphMemory } from "./memory.ts";
import { graphOf, type OnnxModel, writeModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import type { Value } from "./value.ts";
import { shrinkConstants } from "./shrink_constants.ts";
import { splitRows } from "./split_rows.ts";

const HEADS = 2, ROWS = 50, COLUMNS = 40, WIDTH = 4;

/** softmax(f(Q Kᵀ)) V, for some f. */
function attention(f: (g: OpBuilder, scores: Value) => Value): OnnxModel {
  const g = new OpBuilder({ opset: 18 });
  const input = (name: string, shape: number[]) => g.addInput({ name, dtype: "float32", shape });
  const q = input("q", [HEADS, ROWS, WIDTH]);
  const k = input("k", [HEADS, WIDTH, COLUMNS]);
  const v = input("v", [HEADS, COLUMNS, WIDTH]);
  const weights = g.emit("Softmax", [f(g, g.matMul(q, k))], { axis: -1 });
  return g.build([g.rename(g.matMul(weights, v), "y")]);
}

const ramp = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * i));

async function run(model: OnnxModel): Promise<Float32Array> {
  await using backend = await createCpuBackend({ threads: 1 });
  using session = await backend.load(writeModel(model));
  using q = backend.tensor([HEADS, ROWS, WIDTH], ramp(HEADS * ROWS * WIDTH));
  using k = backend.tensor([HEADS, WIDTH, COLUMNS], ramp(HEADS * WIDTH * COLUMNS));
  using v = backend.tensor([HEADS, COLUMNS, WIDTH], ramp(HEADS * WIDTH * COLUMNS));
  using y = backend.tensor([HEADS, ROWS, WIDTH]);
  await session.run({ q, k, v }, { y });
  return await backend.read(y);
}

const MASK = Array.from({ length: ROWS * COLUMNS }, (_, i) => i % COLUMNS > i / COLUMNS ? -9 : 0);

const cases: Record<string, (g: OpBuilder, scores: Value) => Value> = {
  "plain scores": (_g, scores) => scores,
  "scores with a scale, a causal mask and a bias of one row": (g, scores) => {
    const scaled = g.mul(scores, g.scalar(0.5, scores));
    const masked = g.add(scaled, g.constant("float32", [ROWS, COLUMNS], MASK));
    return g.add(masked, g.constant("float32", [1, COLUMNS], 0.25));
  },
  "scores guarded against not-a-number": (g, scores) =>
    g.emit("Where", [g.emit("IsNaN", [scores]), g.scalar(0, scores), scores]),
};

/** PyTorch's `baddbmm(empty, q, k, beta=0, alpha=½)` as its exporter wrote it in 2022, float32 softmax. */
const baddbmm = (g: OpBuilder, scores: Value) => {
  const shape = g.constant("int64", [3], [HEADS, ROWS, COLUMNS]);
  const empty = g.emit("ConstantOfShape", [shape]);
  const scaled = g.mul(scores, g.scalar(0.5, scores));
  return g.add(g.mul(empty, g.scalar(0, empty)), scaled);
};

Deno.test("splitRows() splits what was baddbmm, and its softmax between casts, at operator set 14", async () => {
  const g = new OpBuilder({ opset: 14 });
  const input = (name: string, shape: number[]) => g.addInput({ name, dtype: "float32", shape });
  const q = input("q", [HEADS, ROWS, WIDTH]);
  const k = input("k", [HEADS, WIDTH, COLUMNS]);
  const v = input("v", [HEADS, COLUMNS, WIDTH]);
  const scores = g.cast(baddbmm(g, g.matMul(q, k)), "float32");
  const weights = g.cast(g.emit("Softmax", [scores], { axis: -1 }), "float32");
  const whole = g.build([g.rename(g.matMul(weights, v), "y")]);
  const split = splitRows(shrinkConstants(whole), 4 * HEADS * 16 * COLUMNS);
  assert.equal(graphOf(split).node.filter(({ opType }) => opType === "Softmax").length, 4);
  assert.ok(graphOf(split).node.every(({ opType }) => opType !== "ConstantOfShape"));
  assert.deepEqual(await run(split), await run(whole));
});

for (const [name, f] of Object.entries(cases)) {
  Deno.test(`splitRows() computes the same: ${name}`, async () => {
    const whole = attention(f);
    const limit = 4 * HEADS * 16 * COLUMNS;
    const split = splitRows(whole, limit);
    const softmaxes = graphOf(split).node.filter(({ opType }) => opType === "Softmax");
    assert.equal(softmaxes.length, 4);
    const { largest } = graphMemory(Graph.from(split), ["y"]);
    assert.ok(
      largest.bytes <= Math.max(limit, 4 * MASK.length),
      `${largest.name}: ${largest.bytes}`,
    );
    assert.deepEqual(await run(split), await run(whole));
  });
}

Deno.test("splitRows() leaves alone what is small, or is no attention", () => {
  const whole = attention((_g, scores) => scores);
  assert.equal(splitRows(whole, 4 * HEADS * ROWS * COLUMNS), whole);
  const across = attention((g, scores) => g.emit("Softmax", [scores], { axis: 1 }));
  assert.equal(splitRows(across, 1000), across);
  const summed = attention((g, scores) => g.add(scores, g.reduce("ReduceMean", scores, [1])));
  assert.equal(splitRows(summed, 1000), summed);
});
