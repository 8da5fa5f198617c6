/**
 * Philox4x32-10, a counter-based generator: 128 random bits from a 128-bit counter and a 64-bit
 * key, in any order (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
 *
 * @param words The counter, four 32-bit words; overwritten with the random words.
 * @param key0 First word of the key. @param key1 Its second word.
 *
 * @example
 * ```ts
 * import { philox } from "./philox.ts";
 *
 * const words = new Uint32Array(4);
 * philox(words, 0, 0);
 * console.assert(words[0] === 0x6627e8d5);
 * ```
 */
export function philox(words: Uint32Array, key0: number, key1: number) {
  let [c0, c1, c2, c3] = words;
  for (let round = 0; round < 10; round++) {
    const first = c0, third = c2;
    c0 = multiplyHigh(0xCD9E8D57, third) ^ c1 ^ key0;
    c1 = Math.imul(0xCD9E8D57, third);
    c2 = multiplyHigh(0xD2511F53, first) ^ c3 ^ key1;
    c3 = Math.imul(0xD2511F53, first);
    key0 = (key0 + 0x9E3779B9) | 0;
    key1 = (key1 + 0xBB67AE85) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** High word of the 64-bit product of two 32-bit numbers, taken as unsigned. */
function multiplyHigh(a: number, b: number): number {
  const low = (a & 0xffff) * (b & 0xffff);
  const cross = (a >>> 16) * (b & 0xffff) + (low >>> 16);
  const middle = (a & 0xffff) * (b >>> 16) + (cross & 0xffff);
  return (a >>> 16) * (b >>> 16) + (cross >>> 16) + (middle >>> 16);
}
