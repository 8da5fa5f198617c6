import assert from "node:assert/strict";
import { vjp } from "../autodiff/vjp.ts";
import { checkModel, random, spaced } from "../../tests/autodiff/op_case.ts";
import { cpuRunner, type Numbers, runOnce } from "../../tests/autodiff/runner.ts";
import { distance } from "../../tests/vectors.ts";
import { refusal } from "../../tests/refusal.ts";
import { type Attributes, float } from "./attribute.ts";
import { changed } from "./message.ts";
import type { OnnxModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import { OperatorSetIdProtoSchema } from "./proto/onnx_pb.ts";
import { sizeOf } from "./value.ts";
import { create } from "npm:@bufbuild/protobuf@2.17.0";

type Shapes = readonly (readonly number[] | undefined)[];

/** The model of one operator of com.microsoft, with random inputs x0, x1, …; output y of a shape. */
function contrib(op: string, shapes: Shapes, y: readonly number[], attributes: Attributes = {}) {
  const g = new OpBuilder({ opset: 17 });
  const feeds: Record<string, Numbers> = {};
  const inputs = shapes.map((shape, i) => {
    if (!shape) return undefined;
    feeds[`x${i}`] = { shape, data: spaced(sizeOf(shape), [-1, 1], random(i + 1)) };
    return g.addInput({ name: `x${i}`, dtype: "float32", shape });
  });
  const type = { dtype: "float32", shape: y } as const;
  const [result] = g.emitAll(op, inputs, attributes, [type], "com.microsoft");
  const model = g.build([g.alias(result, "y")]);
  const domain = create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n });
  const known: OnnxModel = changed(model, { opsetImport: [...model.opsetImport, domain] });
  return { model: known, feeds };
}

const USES: [string, Shapes, number[], Attributes][] = [
  ["Gelu", [[2, 3]], [2, 3], {}],
  ["QuickGelu", [[2, 3]], [2, 3], { alpha: float(1.5) }],
  ["SkipLayerNormalization", [[1, 2, 4], [1, 2, 4], [4], [4]], [1, 2, 4], {
    epsilon: float(1e-2),
  }],
  ["SkipLayerNormalization", [[1, 2, 4], [1, 2, 4], [4], undefined, [4]], [1, 2, 4], {
    epsilon: float(1e-2),
  }],
  ["MultiHeadAttention", [[1, 3, 4], [1, 2, 4], [1, 2, 4]], [1, 3, 4], { num_heads: 2 }],
  [
    "MultiHeadAttention",
    [[1, 3, 4], [1, 2, 4], [1, 2, 4], [12], undefined, [1, 2, 3, 2]],
    [1, 3, 4],
    { num_heads: 2, scale: float(0.4) },
  ],
];

Deno.test("operators of com.microsoft are written out as the runtime computes them", async (t) => {
  const runner = await cpuRunner();
  for (const [op, shapes, y, attributes] of USES) {
    await t.step(`${op} of ${shapes.length} inputs`, async () => {
      const { model, feeds } = contrib(op, shapes, y, attributes);
      const wrt = Object.keys(feeds);
      const { forward } = vjp(model, { of: "y", wrt });
      assert(forward.graph!.node.every(({ domain }) => domain === ""));
      const [wanted, got] = [
        (await runOnce(runner, model, feeds)).y,
        (await runOnce(runner, forward, feeds)).y,
      ];
      assert(distance(got.data, wanted.data) < 1e-5, `[${got.data}], not [${wanted.data}]`);
      await checkModel(runner, model, { of: "y", wrt }, feeds);
    });
  }
});

Deno.test("a use of an operator of com.microsoft that is not known is refused", () => {
  const { model } = contrib("MultiHeadAttention", [[1, 3, 4], [1, 3, 4], [1, 3, 4]], [1, 3, 4], {
    num_heads: 2,
    unidirectional: 1,
  });
  assert.throws(
    () => vjp(model, { of: "y", wrt: ["x0"] }),
    refusal(/^Cannot differentiate MultiHeadAttention node .*no differentiation rule/),
  );
});
