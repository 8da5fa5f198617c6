import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pixels } from "../image/resample.ts";
import { EMOJI, type EmojiWord } from "./emoji.ts";

/** Gives the image of a word: square, interleaved RGBA in 0..1, colours multiplied by alpha. */
export type GlyphSource = (word: EmojiWord) => Promise<Pixels>;

/** Noto's emoji, one PNG of 64 × 64 each, 80 MB in all. Only making scenes needs the package. */
const PACKAGE = "npm:emoji-datasource-google@16.0.0";

/**
 * Opens the glyphs that the embedded model was trained on, in a package that Deno downloads on the
 * first call. Only Deno knows the package's folder, so this needs permission to run Deno and to read
 * that folder.
 *
 * @throws {Error} If Deno cannot give the package.
 */
export async function emojiGlyphs(): Promise<GlyphSource> {
  const folder = join(await packageFolder(PACKAGE), "img", "google", "64");
  const { PNG }: typeof import("npm:@types/pngjs@6.0.5") = await import("npm:pngjs@7.0.0");
  return async (word) => {
    // `decodeImage` would blend the image with white, and the alpha is needed here.
    const { width, height, data } = PNG.sync.read(
      await readFile(join(folder, `${EMOJI[word].glyph}.png`)),
    );
    return { width, height, channels: 4, data: premultiply(data) };
  };
}

/** Folder of an npm package in Deno's cache, which `import.meta.resolve` and `require` do not give. */
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
