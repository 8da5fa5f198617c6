/**
 * The first colours of the PASCAL VOC colour map, the custom for label maps: 0 is black, and each
 * index' bits are dealt to red, green and blue in turn, so that neighbours differ.
 *
 * @param count 1..256.
 * @returns Red, green and blue, 0..255, of each.
 *
 * @example
 * ```ts
 * import { colormap } from "./colormap.ts";
 *
 * console.assert(colormap(3).join(" ") === "0,0,0 128,0,0 0,128,0");
 * ```
 */
export function colormap(count: number): [red: number, green: number, blue: number][] {
  return Array.from({ length: count }, (_, index) => {
    const colour: [number, number, number] = [0, 0, 0];
    for (let bit = 0; bit < 8; bit++) {
      if (index >> bit & 1) colour[bit % 3] |= 0x80 >> Math.floor(bit / 3);
    }
    return colour;
  });
}
