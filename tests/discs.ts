import type { GlyphSource } from "../src/datasets/glyphs.ts";

/**
 * Glyphs for tests, which need no package: a disc on a transparent ground, whose colour depends on the
 * word. Its upper left quarter is cut out, so that a turn shows.
 */
export const discs: GlyphSource = (word) => {
  const side = 16;
  const colour = [word.length % 3, word.length % 4, word.length % 5].map((v) => v / 4);
  const data = new Float32Array(4 * side * side);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side - 7.5, Math.floor(i / side) - 7.5];
    if (x * x + y * y < 49 && (x > 0 || y > 0)) data.set([...colour, 1], 4 * i);
  }
  return Promise.resolve({ width: side, height: side, channels: 4, data });
};
