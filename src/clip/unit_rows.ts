/**
 * Rows of a matrix, each brought to length 1.
 *
 * @param width Numbers in a row.
 *
 * @example
 * ```ts
 * import { unitRows } from "./unit_rows.ts";
 *
 * console.assert(unitRows(Float32Array.of(3, 4, 0, 2), 2).join() === "0.6000000238418579,0.800000011920929,0,1");
 * ```
 */
export function unitRows(data: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(data);
  for (let start = 0; start < data.length; start += width) {
    const row = result.subarray(start, start + width);
    const length = Math.hypot(...row);
    row.forEach((value, i) => row[i] = value / length);
  }
  return result;
}
