import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bytesOf } from "../../tests/hub/stand_in.ts";
import { tinyOnnx } from "../../tests/hub/tiny_onnx.ts";
import { refusal } from "../../tests/refusal.ts";
import { graphOf, readModel } from "../onnx/model.ts";
import { skimNodes } from "./skim_nodes.ts";

const EMBEDDED = new URL("../../models/emoji-64/", import.meta.url);

async function skim(bytes: Uint8Array) {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    return await Array.fromAsync(skimNodes(path));
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("skimNodes() finds the nodes that reading the whole file does", async () => {
  for (const name of ["text_encoder", "unet", "vae_encoder"]) {
    const url = new URL(`${name}/model.onnx`, EMBEDDED);
    const { node } = graphOf(readModel(await Deno.readFile(url)));
    assert.deepEqual(await Array.fromAsync(skimNodes(fileURLToPath(url))), node);
  }
});

Deno.test("skimNodes() skips weights, whatever they look like", async () => {
  for (const length of [0, 1, 127, 128, 65_530, 200_000]) {
    const [node] = await skim(tinyOnnx({ opType: "Gelu", weights: bytesOf(length, length) }));
    assert.equal(node.opType, "Gelu");
  }
});

Deno.test("skimNodes() refuses what is no ONNX model", async () => {
  const bytes = tinyOnnx();
  const cases = [
    bytes.subarray(0, -3),
    new TextEncoder().encode("version https://git-lfs"),
    bytesOf(99, 1),
  ];
  for (const content of cases) {
    await assert.rejects(skim(content), refusal(/^Cannot read ONNX model ".*": /));
  }
  const missing = Array.fromAsync(skimNodes("no-such-file.onnx"));
  await assert.rejects(missing, refusal(/^Cannot read "no-such-file.onnx": no such file/i));
});
