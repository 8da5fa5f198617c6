import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runIn } from "./fake_io.ts";
import { filesIn, temporaryFolder } from "./run.ts";

Deno.test("an image whose name is as long as names can be gets its files", async () => {
  await using folder = await temporaryFolder();
  const name = `${"long".repeat(62)}.png`;
  const image = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
  await Deno.copyFile(image, `${folder.path}/${name}`);
  const prompt = "a dog ".repeat(4).trim();
  const options = ["--iterations", "1", "--device", "cpu", "--quiet"];
  const { code, stderr } = await runIn(["segment", name, prompt, ...options], folder.path);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal((await filesIn(`${folder.path}/peekaboo-out`)).length, 5);
});
