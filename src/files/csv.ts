/** Writes rows as comma-separated values (RFC 4180). */
export function csv(rows: readonly (readonly string[])[]): string {
  const quote = (cell: string) => /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return rows.map((row) => row.map(quote).join(",") + "\r\n").join("");
}
