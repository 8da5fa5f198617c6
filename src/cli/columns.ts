/**
 * Rows of text as a table for people: columns are as wide as their widest cell, two spaces apart.
 *
 * @param right Numbers of the columns, from 0, that are aligned right.
 *
 * @example
 * ```ts
 * import { columns } from "./columns.ts";
 *
 * console.assert(columns([["a", "5"], ["bcd", "17"]], [1]) === "a     5\nbcd  17\n");
 * ```
 */
export function columns(
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  }
  const lines = rows.map((row) =>
    row.map((cell, i) => right.includes(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))
      .join("  ").trimEnd()
  );
  return lines.map((line) => `${line}\n`).join("");
}
