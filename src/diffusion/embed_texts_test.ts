import assert from "node:assert/strict";
import { backends } from "../../tests/backends.ts";
import type { Backend } from "../backend/backend.ts";
import { openModel } from "../models/open_model.ts";
import { createTokenizer } from "../prompt/tokenize.ts";
import { embedTexts } from "./embed_texts.ts";

/** A backend that has only small tensors, and loads nothing. */
function small(backend: Backend): Backend {
  return new Proxy(backend, {
    get(target, name) {
      if (name === "limits") return { ...target.limits, tensor: 100_000 };
      if (name === "load") return () => Promise.reject(new Error("Loaded on the device"));
      return Reflect.get(target, name, target);
    },
  });
}

Deno.test("embedTexts() embeds on the CPU what a device cannot bind", async () => {
  const { graph, tokenizer: files } = await openModel("emoji");
  const tokenizer = await createTokenizer(files);
  const texts = ["", "a dog"];
  for (const backend of await backends()) {
    await using _ = backend;
    const own = await embedTexts({ backend, graph, tokenizer }, texts, assert.fail);
    const other = await embedTexts(
      { backend: small(backend), graph, tokenizer },
      texts,
      assert.fail,
    );
    assert.deepEqual(other.shape, own.shape);
    other.data.forEach((x, i) => assert.ok(Math.abs(x - own.data[i]) < 1e-4));
    assert.deepEqual([backend.liveSessions, backend.liveTensors], [0, 0]);
  }
});
