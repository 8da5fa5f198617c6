import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pixels } from "../image/resample.ts";
import { EMOJI, type EmojiWord } from "./emoji.ts";

/**
 * Where a word's image comes from: square, interleaved RGBA in 0..1, colour multiplied by alpha.
 */
export type GlyphSource = (word: EmojiWord) => Promise<Pixels>;

/** Noto's emoji as 64 × 64 PNGs, a file each. 80 MB: needed to make scenes, never to use them. */
const PACKAGE = "npm:emoji-datasource-google@16.0.0";

/**
 * The glyphs the embedded model was trained on, from a package that Deno downloads on the first
 * call. It needs permission to run Deno itself, which alone knows where the package lies, and to
 * read there.
 *
 * @throws {Error} Deno cannot give the package.
 *
 * @example
 * ```ts
 * import { emojiGlyphs } from "./glyphs.ts";
 *
 * const glyphs = await emojiGlyphs();
 * const { width, height, channels } = await glyphs("strawberry");
 * console.assert(width === 64 && height === 64 && channels === 4);
 * ```
 */
export async function emojiGlyphs(): Promise<GlyphSource> {
  const folder = join(await packageFolder(PACKAGE), "img", "google", "64");
  const { PNG }: typeof import("npm:@types/pngjs@6.0.5") = await import("npm:pngjs@7.0.0");
  return async (word) => {
    // `decodeImage` will not do: it flattens the alpha that is wanted here.
    const { width, height, data } = PNG.sync.read(
      await readFile(join(folder, `${EMOJI[word].glyph}.png`)),
    );
    return { width, height, channels: 4, data: premultiply(data) };
  };
}

/** An npm package's folder in Deno's cache; `import.meta.resolve` and `require` do not give it. */
async function packageFolder(specifier: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-config", "--no-lock", specifier],
  }).output();
  if (!success) throw new Error(`Cannot get ${specifier}: ${new TextDecoder().decode(stderr)}`);
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
  return npmPackages[specifier.slice("npm:".length)].localPath;
}

function premultiply(rgba: Uint8Array): Float32Array {
  return Float32Array.from(rgba, (value, i) => {
    const alpha = rgba[i | 3] / 255;
    return (i & 3) === 3 ? alpha : value / 255 * alpha;
  });
}
