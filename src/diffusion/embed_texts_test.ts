import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import type { Backend } from "../backend/backend.ts";
import { loadModelOn } from "../models/load_model.ts";
import { openModel } from "../models/open_model.ts";
import { createTokenizer } from "../prompt/tokenize.ts";
import { embedTexts } from "./embed_texts.ts";

/** A backend that loads nothing. */
function unloading(backend: Backend): Backend {
  return new Proxy(backend, {
    get(target, name) {
      if (name === "load") return () => Promise.reject(new Error("Loaded on the device"));
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

testOnBackends("texts are embedded on the CPU, whatever the model's device", async (backend) => {
  const files = await openModel("emoji");
  const tokenizer = await createTokenizer(files.tokenizer);
  const wanted = await embedTexts({ graph: files.graph, tokenizer }, ["", "a dog"], assert.fail);
  await using model = await loadModelOn(unloading(backend), files);
  assert.deepEqual(await model.embed(["a dog"]), wanted);
  assert.deepEqual([backend.liveSessions, backend.liveTensors], [0, 0]);
});
