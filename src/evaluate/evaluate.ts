import { answers, type AnswersOptions, type Query, type Segmenter } from "./answers.ts";
import { type Evaluation, summarize } from "./summarize.ts";

/**
 * Asks a segmenter every query, one after the other, and sums up its answers.
 *
 * @param queries At least one.
 * @throws {RangeError} There is no query, or an answer is not of the image's size.
 *
 * @example
 * ```ts
 * import { evaluate } from "./evaluate.ts";
 *
 * const image = { width: 2, height: 1, data: new Uint8Array(6) };
 * const query = { image, prompt: "a dog", mask: Uint8Array.of(0, 255) };
 * const segmenter = () => Promise.resolve(Float32Array.of(0.1, 0.9));
 * const { meanIou } = await evaluate([query], segmenter, { clock: Date.now });
 * console.assert(meanIou === 1);
 * ```
 */
export async function evaluate(
  queries: Iterable<Query> | AsyncIterable<Query>,
  segmenter: Segmenter,
  options: AnswersOptions,
): Promise<Evaluation> {
  return summarize(await Array.fromAsync(answers(queries, segmenter, options)));
}
