/**
 * Rows as comma-separated values (RFC 4180).
 *
 * @example
 * ```ts
 * import { csv } from "./csv.ts";
 *
 * console.assert(csv([["a", "b"], ['say "x"', "1,5"]]) === 'a,b\r\n"say ""x""","1,5"\r\n');
 * ```
 */
export function csv(rows: readonly (readonly string[])[]): string {
  const quote = (cell: string) => /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return rows.map((row) => row.map(quote).join(",") + "\r\n").join("");
}
