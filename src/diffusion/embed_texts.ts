import { createCpuBackend } from "../backend/cpu.ts";
import { type Embeddings, embedPrompts } from "../prompt/embed.ts";
import { warnTruncated } from "../prompt/warn_truncated.ts";
import { freeDimensions } from "../networks/free_dimensions.ts";
import type { ModelParts } from "./model.ts";

/**
 * Embeds texts with a model's text encoder, which is loaded for this and freed again. The CPU does it
 * on every device: a job embeds its texts once, and the table of tokens is the largest weight of
 * Stable Diffusion, 145 MiB, which some GPU drivers have no room for.
 *
 * @param onWarning Told about each text longer than the text encoder reads.
 *
 * @example
 * ```ts
 * import { openModel } from "../models/open_model.ts";
 * import { createTokenizer } from "../prompt/tokenize.ts";
 * import { embedTexts } from "./embed_texts.ts";
 *
 * const { graph, tokenizer: files } = await openModel("emoji");
 * const parts = { graph, tokenizer: await createTokenizer(files) };
 * const { shape } = await embedTexts(parts, ["", "a dog"], console.error);
 * console.assert(shape[0] === 2);
 * ```
 */
export async function embedTexts(
  { graph, tokenizer }: Pick<ModelParts, "graph" | "tokenizer">,
  texts: readonly string[],
  onWarning: (message: string) => void,
): Promise<Embeddings> {
  warnTruncated(tokenizer, texts, onWarning);
  const { bytes, model, externalData } = await graph("text_encoder");
  await using cpu = await createCpuBackend();
  using session = await cpu.load(bytes, {
    // Texts run one by one.
    freeDimensions: freeDimensions(model, { 2: [1, tokenizer.maxLength] }),
    externalData,
  });
  return await embedPrompts(cpu, session, tokenizer, texts);
}
