import { UserError } from "../errors.ts";
import { checkPrompts } from "../prompt/labels.ts";

/** The name of an image alone, or a pattern for such names that no file matched. */
const IMAGE_NAME = /^\S+\.(a?png|jpe?g|jfif|gif|webp|avif|hei[cf]|bmp|tiff?|svg)$/i;

const WORDS = 'say it in words, e.g. "a strawberry"';

/**
 * Refuses prompts that are no words: empty ones, and paths, as a shell makes them of `*.jpg`.
 *
 * @param image The path that stands where the command wants its image, if it wants one.
 * @throws {UserError}
 */
export async function checkWords(prompts: readonly string[], image?: string): Promise<void> {
  checkPrompts(prompts);
  for (const prompt of prompts) {
    const found = await find(prompt);
    if (found === undefined) {
      if (!IMAGE_NAME.test(prompt)) continue;
      throw new UserError(`"${prompt}" is the name of an image: wanted a prompt`, WORDS);
    }
    if (found === "folder" || image === undefined) {
      const hint = /[./\\]/.test(prompt) ? WORDS : `if the word is meant, write "the ${prompt}"`;
      throw new UserError(`"${prompt}" is a ${found}: wanted a prompt`, hint);
    }
    throw await find(image) === undefined
      ? new UserError(`"${prompt}" is a file: give the image first, then the prompts`)
      : new UserError(
        `"${prompt}" is a file: give one image per call`,
        'then prompts, e.g. "a strawberry"',
      );
  }
}

/** The kind of thing at a path; `undefined` also where Deno would have to ask for permission. */
async function find(path: string): Promise<"file" | "folder" | undefined> {
  const { state } = await Deno.permissions.query({ name: "read", path });
  if (state !== "granted") return undefined;
  // A text that can be no path, as it is too long or has a zero byte, fails with errors of many kinds.
  const info = await Deno.stat(path).catch(() => undefined);
  return info && (info.isDirectory ? "folder" : "file");
}
