import assert from "node:assert/strict";
import { graphOf, readModel } from "../onnx/model.ts";
import { freeDimensions } from "./loaded_graph.ts";

const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);

Deno.test("freeDimensions names what is free in inputs of each rank, and nothing else", async () => {
  // sample (batch, 4, 16, 16), timestep (batch), encoder_hidden_states (batch, 24, 128)
  const model = readModel(await Deno.readFile(url));
  assert.deepEqual(freeDimensions(model, {}), {});
  assert.deepEqual(freeDimensions(model, { 1: [6], 3: [6, 24], 4: [6, 4, 16, 16] }), { batch: 6 });

  const states = graphOf(model).input.find(({ name }) => name === "encoder_hidden_states")!;
  const type = states.type!.value;
  assert(type.case === "tensorType");
  type.value.shape!.dim[1].value = { case: "dimParam", value: "sequence" };
  type.value.shape!.dim[2].value = { case: "dimParam", value: "width" };
  assert.deepEqual(freeDimensions(model, { 3: [6, 77] }), { batch: 6, sequence: 77 });
});
