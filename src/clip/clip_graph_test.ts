import assert from "node:assert/strict";
import { fixturePath } from "../../tests/fixture_path.ts";
import { refusal } from "../../tests/refusal.ts";
import { assertClose } from "../../tests/vectors.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { readModel, writeModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { vjp } from "../autodiff/vjp.ts";
import { clipGraph } from "./clip_graph.ts";

const INPUT = { size: 4, mean: [0.5, 0.25, 0], std: [0.5, 1, 2] };

/** A graph that takes an image and gives the mean of each channel, and the image itself. */
function means(outputs: Readonly<Record<string, "means" | "composite">>, batch = 2) {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "pixel_values", dtype: "float32", shape: [batch, 3, 4, 4] });
  const colours = g.reshape(g.reduce("ReduceMean", x, [2, 3]), [batch, 3]);
  return g.build(
    Object.entries(outputs).map(([name, what]) =>
      g.rename(what === "means" ? colours : g.add(x, x), name)
    ),
  );
}

Deno.test("images of 0..1 are normalised, and of several outputs the embeddings are taken", async () => {
  const vision = means({ last_hidden_state: "composite", image_embeds: "means" });
  const model = clipGraph(vision, { prompts: 2, input: INPUT });
  assert.deepEqual(model.graph!.output.map(({ name }) => name), ["image_embeds"]);
  await using backend = await createCpuBackend({ threads: 1 });
  using session = await backend.load(writeModel(model));
  using image = backend.tensor([2, 3, 4, 4], new Float32Array(96).fill(1, 0, 48));
  using embeds = backend.tensor([2, 3]);
  await session.run({ composite: image }, { image_embeds: embeds });
  assertClose(await backend.read(embeds), [1, 0.75, 0.5, -1, -0.25, 0], 1e-6);
});

Deno.test("encoders that exporters write can be differentiated", async () => {
  // Vision transformers of CLIP's own architecture, with attention in both forms.
  for (const name of ["clip_image_eager_op14", "clip_image_sdpa_op18"]) {
    const vision = readModel(await Deno.readFile(fixturePath(`vjp/${name}.onnx`)));
    const graph = clipGraph(vision, { prompts: 2, input: { ...INPUT, size: 32 } });
    const { backward } = vjp(graph, { of: "image_embeds", wrt: ["composite"] });
    assert.equal(backward.graph!.output[0].name, "composite_cotangent");
  }
});

Deno.test("what is no image encoder of CLIP is refused", async () => {
  const refused = (vision: Parameters<typeof clipGraph>[0], message: RegExp, size = 4) =>
    assert.throws(
      () => clipGraph(vision, { prompts: 2, input: { ...INPUT, size } }),
      refusal(message),
    );
  refused(means({ pooler_output: "means" }), /must give image_embeds; it gives pooler_output$/);
  refused(means({ image_embeds: "composite" }), /one embedding per image; for 2 it gives 2×3×4×4$/);
  refused(
    means({ image_embeds: "means" }),
    /images of 4×4 pixels; preprocessor_config\.json says 8×8$/,
    8,
  );
  const unet = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
  refused(readModel(await Deno.readFile(unet)), /needs one input, an image; found 3$/);
});
