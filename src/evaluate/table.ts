import { type Evaluation, PRECISION_THRESHOLDS } from "./evaluate.ts";

/** What was evaluated, e.g. a variant, and how it did. */
export interface EvaluationRow {
  readonly name: string;
  readonly evaluation: Evaluation;
}

const HEADER = [
  "variant",
  "mIoU",
  ...PRECISION_THRESHOLDS.map((at) => `Prec@${at}`),
  "whole image",
  "s/picture",
];

/**
 * Evaluations side by side, a row each, for people: aligned, three decimals.
 *
 * @returns Lines, each ended by a newline.
 *
 * @example
 * ```ts
 * import { evaluate } from "./evaluate.ts";
 * import { evaluationTable } from "./table.ts";
 *
 * const image = { width: 1, height: 1, data: new Uint8Array(3) };
 * const query = { image, prompt: "a dog", mask: Uint8Array.of(255) };
 * const segmenter = () => Promise.resolve(Float32Array.of(1));
 * const evaluation = await evaluate([query], segmenter, { clock: () => 0 });
 * console.assert(evaluationTable([{ name: "all", evaluation }]).startsWith("variant   mIoU"));
 * ```
 */
export function evaluationTable(rows: readonly EvaluationRow[]): string {
  const cells = [HEADER, ...rows.map(toCells)];
  const widths = HEADER.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  return cells.map(([name, ...numbers]) =>
    [
      name.padEnd(widths[0]),
      ...numbers.map((number, i) => number.padStart(widths[i + 1])),
    ].join("  ") + "\n"
  ).join("");
}

/**
 * The same as {@link evaluationTable} for programs: comma-separated values (RFC 4180), with a
 * header.
 *
 * @example
 * ```ts
 * import { evaluationCsv } from "./table.ts";
 *
 * console.assert(evaluationCsv([]).startsWith("variant,mIoU,Prec@0.2,"));
 * ```
 */
export function evaluationCsv(rows: readonly EvaluationRow[]): string {
  const quote = (cell: string) => /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return [HEADER, ...rows.map(toCells)].map((row) => row.map(quote).join(",") + "\r\n").join("");
}

function toCells({ name, evaluation }: EvaluationRow): string[] {
  const { meanIou, precision, wholeImageMeanIou, seconds } = evaluation;
  const numbers = [
    meanIou,
    ...PRECISION_THRESHOLDS.map((at) => precision[at]),
    wholeImageMeanIou,
    seconds,
  ];
  return [name, ...numbers.map((number) => number.toFixed(3))];
}
