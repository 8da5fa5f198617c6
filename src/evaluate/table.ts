import { csv } from "../files/csv.ts";
import { PRECISION_THRESHOLDS, type QueryResult, summarize, wholeImage } from "./metrics.ts";

/** Results to compare with others. */
export interface Contender {
  /** Name of the segmenter, e.g. a variant. */
  readonly name: string;
  /** At least one result. */
  readonly results: readonly QueryResult[];
}

/** Contenders with the same queries. */
export interface Contest {
  /** Name of the set of queries. */
  readonly name: string;
  /** At least one contender. */
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

/** Number of columns of words. Columns of numbers follow. */
const WORDS = 2;

/**
 * Formats a contest for people, in aligned columns: one row per contender and, if the queries have
 * several kinds, one per kind below it. The last rows are the baseline, a mask that covers the whole
 * image, on the first contender's queries.
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
 * Formats contests for programs: the rows of {@link evaluationTable} as comma-separated values with a
 * header, the contest's name in the first column.
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
