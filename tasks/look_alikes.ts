/** Rewrites src/datasets/look_alikes.json: `deno run -A tasks/look_alikes.ts`. */
import { fileURLToPath } from "node:url";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { findLookAlikes } from "../src/datasets/look_alikes.ts";
import { writeFileAtomic } from "../src/files/write.ts";

const found = await findLookAlikes(await emojiGlyphs());
const lines = Object.entries(found).map(([word, others]) =>
  `  ${JSON.stringify(word)}: [${others.map((other) => JSON.stringify(other)).join(", ")}]`
);
const path = fileURLToPath(new URL("../src/datasets/look_alikes.json", import.meta.url));
await writeFileAtomic(path, `{\n${lines.join(",\n")}\n}\n`);
