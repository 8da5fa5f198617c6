/**
 * Writes docs/operators.md: the operators that can be differentiated, from the rule tables, and the
 * outcomes of ONNX's node tests, which `deno task conformance` counted.
 *
 * @module
 */
import { operatorTable } from "../src/autodiff/operators.ts";
import { type Outcome, OUTCOMES } from "../tests/autodiff/conformance.ts";

const PAGE = new URL("../docs/operators.md", import.meta.url);
const COUNTS = new URL("../tests/golden/conformance.json", import.meta.url);

/** Counts of outcomes, of all tests and by operator. */
export interface ConformanceCounts {
  readonly totals: Readonly<Record<Outcome, number>>;
  readonly operators: Readonly<Record<string, Readonly<Record<Outcome, number>>>>;
}

/** The page as Markdown. */
export async function operatorsPage(): Promise<string> {
  const { totals, operators }: ConformanceCounts = JSON.parse(await Deno.readTextFile(COUNTS));
  const rows = Object.entries({ "**all**": totals, ...operators })
    .map(([name, counts]) => [name, ...OUTCOMES.map((outcome) => String(counts[outcome] || ""))]);
  const table = [["Operator", ...OUTCOMES], OUTCOMES.map(() => "---").concat("---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`);
  return `${operatorTable()}
## ONNX's node tests

ONNX publishes tests of each operator. Those with a float input and output are differentiated here, and
compared with derivatives in float64 that [tests/golden/conformance.py](../tests/golden/conformance.py)
makes with ONNX's reference evaluator. _Refused_ is an error that names the reason; _not run_ is a model
that ONNX Runtime itself does not take. Where a test gives axes or shapes as inputs, they become
constants, as exporters write them. \`deno task conformance\` counts anew.

${table.join("\n")}
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(PAGE, await operatorsPage());
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PAGE.pathname] }).output();
}
