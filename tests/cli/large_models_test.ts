import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { halfModel } from "../half_model.ts";
import { runHere } from "./fake_io.ts";
import { filesIn, temporaryFolder } from "./run.ts";

const IMAGE = fileURLToPath(
  new URL("../../examples/strawberry-on-stripes.png", import.meta.url),
);

Deno.test("segment runs a float16 model whose weights lie beside its graphs", async () => {
  await using half = await halfModel();
  await using out = await temporaryFolder();
  const { code, stderr } = await runHere(
    [
      ...["segment", IMAGE, "a strawberry", "--model", half.path, "--out", out.path],
      ...["--device", "cpu", "--iterations", "1", "--size", "64", "--recompute", "most", "--quiet"],
    ],
    { env: {}, cacheFolder: out.path },
  );
  assert.deepEqual([code, stderr], [0, ""]);
  assert.ok((await filesIn(out.path)).some((name) => name.endsWith(".mask.png")));
});

Deno.test("segment refuses float16 where the device has none, in one line", async () => {
  await using half = await halfModel();
  await using out = await temporaryFolder();
  const { code, stderr } = await runHere(
    [
      ...["segment", IMAGE, "a strawberry", "--model", half.path, "--out", out.path],
      ...["--device", "cpu", "--precision", "fp16"],
    ],
    { env: {}, cacheFolder: out.path },
  );
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^error: Cannot compute .* in float16: device cpu has no float16 .*\(leave --precision out, or choose --precision fp32\)\n$/,
  );
});

Deno.test("segment refuses weights outside a model's folder, in one line", async () => {
  await using half = await halfModel();
  await using out = await temporaryFolder();
  const sidecar = `${half.path}/unet/weights.pb`;
  await Deno.rename(sidecar, `${out.path}/weights.pb`);
  await Deno.symlink(`${out.path}/weights.pb`, sidecar);
  const { code, stderr } = await runHere(
    ["segment", IMAGE, "a strawberry", "--model", half.path, "--out", out.path],
    { env: {}, cacheFolder: out.path },
  );
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^error: Model folder ".*" cannot be used: tensor ".*" of unet\/model\.onnx keeps its weights in "weights\.pb", which leads out of the graph's folder \(.*\)\n$/,
  );
});
