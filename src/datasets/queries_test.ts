import assert from "node:assert/strict";
import { discs } from "../../tests/discs.ts";
import { sceneQueries } from "./queries.ts";
import { makeScene } from "./scene.ts";
import { sceneQuestion } from "./sets.ts";

Deno.test("queries are the questions of a set in order, with the first object's mask", async () => {
  const options = { split: "val", from: 1, to: 3, size: 48 } as const;
  const queries = await Array.fromAsync(sceneQueries("ref-emoji", options, discs));
  assert.equal(queries.length, 2);
  for (const [i, query] of queries.entries()) {
    const { spec, prompt, kind } = sceneQuestion("ref-emoji", "val", 1 + i, 48);
    const { image, objects } = await makeScene(spec, discs);
    assert.deepEqual(query, { image, prompt, kind, mask: objects[0].mask });
  }
});
