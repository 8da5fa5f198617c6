/**
 * From starting the program to the end of its first iteration: whole processes, as a user starts
 * them, that segment with one iteration and write one file.
 *
 *     deno run -A bench/cold_start.ts [cpu|webgpu|auto] [runs]
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const [device = "auto", runs = "5"] = Deno.args;
const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const out = await Deno.makeTempDir({ prefix: "peekaboo-bench-" });
const seconds: number[] = [];
let iteration = 0;
for (let run = -1; run < Number(runs); run++) {
  const started = performance.now();
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", path("mod.ts"), "segment"],
      ...[path("examples/strawberry-on-stripes.png"), "a strawberry", "--iterations", "1"],
      ...["--emit", "mask", "--json", "--device", device, "--out", out],
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("segment failed");
  // The first run fills the file cache.
  if (run >= 0) seconds.push((performance.now() - started) / 1000);
  iteration = JSON.parse(new TextDecoder().decode(stdout)).results[0].seconds;
}
await Deno.remove(out, { recursive: true });
seconds.sort((a, b) => a - b);
console.log(
  `cold start, one iteration, one file: median ${seconds[seconds.length >> 1].toFixed(2)} s ` +
    `of ${runs} processes (${seconds[0].toFixed(2)} to ${seconds.at(-1)!.toFixed(2)} s)`,
);
console.log(`  of that, from loaded model to mask: ${iteration.toFixed(2)} s`);
