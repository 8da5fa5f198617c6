/**
 * A line for a terminal: what the user gave may hold line breaks and escape sequences, which are
 * written as `\u` escapes.
 */
export function oneLine(text: string): string {
  const escape = (control: string) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${text.replace(/\p{Cc}/gu, escape)}\n`;
}

/**
 * Rows of text as a table for people: columns are as wide as their widest cell, two spaces apart.
 *
 * @param right Numbers of the columns, from 0, that are aligned right.
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

/**
 * A time span in words, as exact as one needs it.
 */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined) return "–";
  const s = Math.ceil(seconds);
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min ${s % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
