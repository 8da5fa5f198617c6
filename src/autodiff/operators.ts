/**
 * The table of operators that can be differentiated, as text.
 *
 * @module
 */
import { LOWERINGS } from "./lower.ts";
import { RULES } from "./rules.ts";

interface Row {
  readonly inputs: readonly string[];
  readonly notes: readonly string[];
}

/** Rules and lowerings in one, by operator. */
function rows(): Map<string, Row> {
  const result = new Map<string, Row>();
  for (const [op, rule] of [...Object.entries(RULES), ...Object.entries(LOWERINGS)]) {
    if (!rule) continue;
    const known = result.get(op)?.notes ?? [];
    result.set(op, { inputs: rule.inputs, notes: rule.notes ? [...known, rule.notes] : known });
  }
  return result;
}

/**
 * A Markdown page that lists every operator with a differentiation rule, the inputs that get a
 * cotangent (named as in the ONNX operator tables), and notes.
 */
export function operatorTable(): string {
  const sorted = [...rows()].sort(([a], [b]) => a < b ? -1 : 1);
  const table = [
    ["Operator", "Differentiable inputs", "Notes"],
    ...sorted.map(([op, { inputs, notes }]) => [op, inputs.join(", "), notes.join("; ")]),
  ];
  const widths = [0, 1, 2].map((i) => Math.max(...table.map((row) => row[i].length)));
  const line = (row: string[], fill = " ") =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i], fill)).join(" | ")} |`;
  const [head, ...body] = table;
  return `# Differentiable operators

Written by \`deno task ops\` from the rule tables in \`src/autodiff\`. Operators of the default ONNX
domain, float32 and float16; operator sets 7 to 12 (\`readModel\` with \`oldestOpset: 7\`) and those newer
than ONNX Runtime are converted before. An operator that is not on the way from \`wrt\`
to \`of\` needs no rule.

${[line(head), line(["", "", ""], "-"), ...body.map((row) => line(row))].join("\n")}

The derivative of Ceil, Floor, Round, Sign and Hardmax is taken as zero. Dynamic shapes are fixed before
differentiation. Functions of the model, CastLike, Gelu, QuickGelu,
SkipLayerNormalization and MultiHeadAttention (without masks of keys and past) of the domain
com.microsoft, and branches (If) that constants decide are written out; so are loops (Loop, Scan) whose number of iterations
does not depend on data. Where data decide a branch, both branches are computed and one is selected. A
node with an attribute that its rule does not know is refused.
`;
}
