import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { unetPorts } from "./unet_ports.ts";

const unet = (dtype: string) => ({
  inputs: [
    { name: "sample", dtype: "float32", shape: ["batch", 4, 8, 8] },
    { name: "t", dtype, shape: [] },
    { name: "states", dtype: "float32", shape: ["batch", 77, 16] },
  ],
  outputs: [{ name: "out", dtype: "float32", shape: ["batch", 4, 8, 8] }],
});

Deno.test("a timestep is of one of the types that can be fed", () => {
  for (const dtype of ["int64", "int32", "float32", "float16"]) {
    assert.equal(unetPorts(unet(dtype)).timestep.name, "t");
  }
  for (const dtype of ["float64", "string", "bool"]) {
    const message = new RegExp(`int64 or int32 or float32 or float16.* t \\(${dtype}, rank 0\\)`);
    assert.throws(() => unetPorts(unet(dtype)), refusal(message));
  }
});
