import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runIn } from "./fake_io.ts";
import { filesIn, run, temporaryFolder } from "./run.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
/** So small a step that nothing moves. */
const NOWHERE = ["--learning-rate", "1e-12", "--iterations", "10", "--device", "cpu", "--json"];

/** Of each command: its arguments, the mask that is judged, and a file that is written all the same. */
const COMMANDS: Record<string, { args: string[]; pick: (report: Report) => Judged; file: string }> =
  {
    segment: {
      args: ["segment", IMAGE, "a dog", ...NOWHERE],
      pick: ({ results }) => results[0],
      file: "rgb.a-dog.mask.png",
    },
    generate: {
      args: ["generate", "a dog", "--size", "16", ...NOWHERE],
      pick: ({ results }) => results[0],
      file: "generate.a-dog.png",
    },
    grid: {
      args: ["grid", "--foreground", "a dog", "--background", "a tree", "--size", "16", ...NOWHERE],
      pick: ({ foregrounds }) => foregrounds[0],
      file: "grid.foreground.a-dog.png",
    },
  };

interface Judged {
  readonly verdict: string;
}
interface Report {
  readonly results: readonly Judged[];
  readonly foregrounds: readonly Judged[];
}

for (const [name, { args, pick, file }] of Object.entries(COMMANDS)) {
  Deno.test(`${name} that goes nowhere warns once, writes its files and exits with 4`, async () => {
    await using folder = await temporaryFolder();
    const { code, stdout, stderr } = await (name === "segment" ? run : runIn)(args, folder.path);
    const [warning, error, hint, ...rest] = stderr.trimEnd().split("\n");
    assert.match(warning, /After 1 of 10 iterations, the mask of "a dog" has changed by less than/);
    assert.match(error, /The mask of "a dog" has changed by less than 0\.01/);
    assert.match(`${error}${hint}`, /use a larger learning rate or more iterations/);
    assert.deepEqual(rest, []);
    assert.equal(code, 4);
    assert.equal(pick(JSON.parse(stdout)).verdict, "unmoved");
    assert((await filesIn(`${folder.path}/peekaboo-out`)).includes(file));
  });
}
