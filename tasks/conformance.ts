/**
 * Runs ONNX's node tests through `vjp`, and prints what becomes of them per operator.
 *
 *     python tests/golden/conformance.py FOLDER
 *     deno task conformance FOLDER/conformance.safetensors
 *
 * The counts go to tests/golden/conformance.json, from which `deno task ops` makes a table.
 *
 * @module
 */
import { conformance, type Outcome, OUTCOMES } from "../tests/autodiff/conformance.ts";
import { cpuRunner } from "../tests/autodiff/runner.ts";

const COUNTS = new URL("../tests/golden/conformance.json", import.meta.url);

if (import.meta.main) {
  const [path, filter = ""] = Deno.args;
  if (!path) {
    console.error("error: Missing file (give the one that tests/golden/conformance.py wrote)");
    Deno.exit(2);
  }
  const totals = none();
  const operators = new Map<string, Record<Outcome, number>>();
  for await (const { test, operator, outcome, reason } of conformance(path, await cpuRunner())) {
    if (!test.includes(filter)) continue;
    totals[outcome]++;
    operators.getOrInsertComputed(operator, none)[outcome]++;
    if (outcome !== "right") {
      console.log(`${outcome.padEnd(8)} ${operator.padEnd(24)} ${test}: ${reason}`);
    }
  }
  console.log(OUTCOMES.map((outcome) => `${totals[outcome]} ${outcome}`).join(", "));
  if (!filter) {
    const sorted = [...operators].sort(([a], [b]) => a < b ? -1 : 1);
    const json = JSON.stringify({ totals, operators: Object.fromEntries(sorted) }, null, 1);
    await Deno.writeTextFile(COUNTS, json + "\n");
  }
}

function none(): Record<Outcome, number> {
  return { right: 0, refused: 0, wrong: 0, crashed: 0, "not run": 0 };
}
