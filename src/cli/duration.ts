/**
 * A time span in words, as exact as one needs it.
 *
 * @example
 * ```ts
 * import { duration } from "./duration.ts";
 *
 * console.assert(duration(7.2) === "8 s" && duration(125) === "2 min 5 s");
 * console.assert(duration(7260) === "2 h 1 min" && duration(undefined) === "–");
 * ```
 */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined) return "–";
  const s = Math.ceil(seconds);
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min ${s % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
