import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import type { Backend } from "../backend/backend.ts";
import { vjp } from "../autodiff/vjp.ts";
import { fusePads } from "./fuse_pads.ts";
import { graphOf, type OnnxModel, writeModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import type { Value } from "./value.ts";

const ramp = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * i));

/** A strided convolution with padding of its own over what f makes of x. */
function padded(f: (g: OpBuilder, x: Value) => Value, own: number[]): OnnxModel {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1, 2, 8, 8] });
  const weights = g.constant("float32", [3, 2, 3, 3], ramp(54));
  const y = g.emit("Conv", [f(g, x), weights], { strides: [2, 2], pads: own });
  return g.build([g.rename(y, "y")]);
}

/** y, and x̄ for some ȳ. */
async function run(backend: Backend, model: OnnxModel): Promise<number[]> {
  const { forward, backward } = vjp(model, { of: "y", wrt: ["x"] });
  const { shape } = OpBuilder.from(forward).value("y");
  using ahead = await backend.load(writeModel(forward));
  using back = await backend.load(writeModel(backward));
  using x = backend.tensor([1, 2, 8, 8], ramp(128));
  using y = backend.tensor(shape);
  using dx = backend.tensor([1, 2, 8, 8]);
  using dy = backend.tensor(shape, ramp(y.size));
  await ahead.run({ x }, { y });
  await back.run({ y_cotangent: dy }, { x_cotangent: dx });
  return [...await backend.read(y), ...await backend.read(dx)];
}

testOnBackends(
  "fusePads() computes the same without a padded copy, derivatives too",
  async (backend) => {
    const last = padded((g, x) => g.pad(x, [0, 0, 0, 0], [0, 0, 1, 1]), [0, 0, 0, 0]);
    const both = padded((g, x) => g.pad(x, [0, 0, 2, 0], [0, 0, 0, 1]), [0, 1, 1, 0]);
    await using _ = backend;
    for (const model of [last, both]) {
      const fused = fusePads(model);
      assert.ok(graphOf(fused).node.every(({ opType }) => opType !== "Pad"));
      const [expected, found] = [await run(backend, model), await run(backend, fused)];
      assert.equal(found.length, expected.length);
      found.forEach((x, i) => assert.ok(Math.abs(x - expected[i]) < 1e-5, `element ${i}`));
    }
  },
);

Deno.test("fusePads() leaves other padding alone", () => {
  const models = [
    padded((g, x) => g.pad(x, [0, 0, 0, 0], [0, 0, 1, 1], 0.5), [0, 0, 0, 0]),
    padded((g, x) => g.pad(x, [1, 0, 0, 0], [0, 0, 0, 0]), [0, 0, 0, 0]),
    padded((g, x) => {
      const wide = g.pad(x, [0, 0, 0, 0], [0, 0, 1, 1]);
      return g.mul(wide, g.emit("Exp", [wide]));
    }, [0, 0, 0, 0]),
  ];
  for (const model of models) assert.equal(fusePads(model), model);
});
