import { csv } from "../files/csv.ts";
import type { QueryResult } from "./answers.ts";
import { PRECISION_THRESHOLDS, summarize, wholeImage } from "./summarize.ts";

/** Results to stand beside others. */
export interface Contender {
  /** What gave them, e.g. a variant. */
  readonly name: string;
  /** At least one. */
  readonly results: readonly QueryResult[];
}

/** Contenders that answered the same queries. */
export interface Contest {
  /** Of the set of queries. */
  readonly name: string;
  /** At least one. */
  readonly contenders: readonly Contender[];
}

const HEADER = [
  "variant",
  "kind",
  "n",
  "mIoU",
  ...PRECISION_THRESHOLDS.map((at) => `Prec@${at}`),
  "s/image",
];

/** Columns of words; those after them are of numbers. */
const WORDS = 2;

/**
 * Contenders side by side, for people: a row each and, where the queries are of several kinds, one
 * a kind below it; last the baseline, a mask that takes the whole image, on the queries of the
 * first. Aligned, three decimals.
 *
 * @returns Lines, each ended by a newline.
 *
 * @example
 * ```ts
 * import { evaluationTable } from "./table.ts";
 *
 * const results = [{ prompt: "a dog", iou: 0.9, wholeImageIou: 0.2, seconds: 3 }];
 * const table = evaluationTable({ name: "dogs", contenders: [{ name: "raster", results }] });
 * console.assert(table.includes("raster") && table.includes("whole image"));
 * ```
 */
export function evaluationTable(contest: Contest): string {
  const cells = [HEADER, ...rows(contest)];
  const widths = HEADER.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  return cells.map((row) =>
    row.map((cell, i) => i < WORDS ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))
      .join("  ") + "\n"
  ).join("");
}

/**
 * The same rows as {@link evaluationTable} for programs, of several contests: comma-separated
 * values ({@link csv}), with a header; the contest's name is the first column.
 *
 * @example
 * ```ts
 * import { evaluationCsv } from "./table.ts";
 *
 * console.assert(evaluationCsv([]).startsWith("set,variant,kind,n,mIoU,Prec@0.2,"));
 * ```
 */
export function evaluationCsv(contests: readonly Contest[]): string {
  const named = contests.flatMap((contest) => rows(contest).map((row) => [contest.name, ...row]));
  return csv([["set", ...HEADER], ...named]);
}

function rows({ contenders }: Contest): string[][] {
  const baseline = { name: "whole image", results: wholeImage(contenders[0].results) };
  return [...contenders, baseline].flatMap(({ name, results }) => {
    const kinds = [...new Set(results.map(({ kind }) => kind))].sort();
    const byKind = kinds.length < 2
      ? []
      : kinds.map((kind = "") =>
        row(name, kind, results.filter((result) => (result.kind ?? "") === kind))
      );
    return [row(name, "all", results), ...byKind];
  });
}

function row(name: string, kind: string, results: readonly QueryResult[]): string[] {
  const { meanIou, precision, seconds } = summarize(results);
  const numbers = [meanIou, ...PRECISION_THRESHOLDS.map((at) => precision[at]), seconds];
  return [name, kind, String(results.length), ...numbers.map((number) => number.toFixed(3))];
}
