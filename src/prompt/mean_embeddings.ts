import type { Embeddings } from "./embed.ts";

/**
 * Averages the embeddings of the prompts of each label, as the paper's code does for its MeanLabel.
 * The first, the unconditional one, stays what it is.
 *
 * @param embeddings Of the empty prompt, then of the labels' prompts, one label after the other.
 * @param counts Number of prompts of each label, at least 1.
 * @returns Of the empty prompt, then one a label.
 *
 * @example
 * ```ts
 * import { meanEmbeddings } from "./mean_embeddings.ts";
 *
 * const embeddings = { data: Float32Array.of(9, 1, 2, 4), shape: [4, 1, 1] } as const;
 * console.assert(meanEmbeddings(embeddings, [1, 2]).data.join() === "9,1,3");
 * ```
 */
export function meanEmbeddings(embeddings: Embeddings, counts: readonly number[]): Embeddings {
  return labelMeans(embeddings, [1, ...counts]);
}

/**
 * The same without an unconditional prompt.
 *
 * @param counts Number of prompts of each label, at least 1.
 *
 * @example
 * ```ts
 * import { labelMeans } from "./mean_embeddings.ts";
 *
 * const embeddings = { data: Float32Array.of(1, 2, 4), shape: [3, 1, 1] } as const;
 * console.assert(labelMeans(embeddings, [1, 2]).data.join() === "1,3");
 * ```
 */
export function labelMeans(
  { data, shape: [, tokens, width] }: Embeddings,
  counts: readonly number[],
): Embeddings {
  const size = tokens * width;
  const means = new Float32Array(counts.length * size);
  let prompt = 0;
  for (const [label, count] of counts.entries()) {
    for (let i = 0; i < size; i++) {
      let total = 0;
      for (let p = prompt; p < prompt + count; p++) total += data[p * size + i];
      means[label * size + i] = total / count;
    }
    prompt += count;
  }
  return { data: means, shape: [counts.length, tokens, width] };
}

/**
 * The embeddings of some labels.
 *
 * @param embeddings Embeddings that every label needs, then one per label, (N, T, D).
 * @param labels Numbers of the labels, from 0.
 * @param shared How many embeddings every label needs: the empty prompt's, if it is there.
 */
export function selectLabels(
  { data, shape: [, tokens, width] }: Embeddings,
  labels: readonly number[],
  shared: number,
): Embeddings {
  const size = tokens * width;
  const rows = [...Array(shared).keys(), ...labels.map((label) => label + shared)];
  const selected = new Float32Array(rows.length * size);
  rows.forEach((row, i) => selected.set(data.subarray(row * size, (row + 1) * size), i * size));
  return { data: selected, shape: [rows.length, tokens, width] };
}
