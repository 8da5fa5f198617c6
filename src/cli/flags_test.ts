import assert from "node:assert/strict";
import { inFlags } from "./flags.ts";

Deno.test("settings and options in the library's messages become flags", () => {
  const cases = {
    'use `recompute: "most"` or `device: "cpu"`': "use --recompute most or --device cpu",
    "a smaller `alphaSize`, another `guidanceScale`": "a smaller --size, another --guidance",
    "`force: true` tries all the same": "--force tries all the same",
    "give `clip`": "give --clip-model",
    "give `depth`": "give --depth-model or --depth-map",
  };
  for (const [message, words] of Object.entries(cases)) assert.equal(inFlags(message), words);
});

Deno.test("what is no option stays, in backticks or without", () => {
  // `momentum` has no option.
  for (const message of ["use `encodePng`", "set `momentum`", 'no file "clip"', "seed: 3"]) {
    assert.equal(inFlags(message), message);
  }
});
