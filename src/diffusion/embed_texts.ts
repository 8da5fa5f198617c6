import { createCpuBackend } from "../backend/cpu.ts";
import { weightMemory } from "../onnx/memory.ts";
import { type Embeddings, embedPrompts } from "../prompt/embed.ts";
import { warnTruncated } from "../prompt/warn_truncated.ts";
import { freeDimensions } from "./free_dimensions.ts";
import type { ModelParts } from "./model.ts";

/**
 * Embeds texts with a model's text encoder, which is loaded for this and freed again. Where its table
 * of tokens is larger than a tensor of the device may be, the CPU does it: that table is the largest
 * weight of Stable Diffusion, and embedding is done once a job.
 *
 * @param onWarning Told about each text longer than the text encoder reads.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { openModel } from "../models/open_model.ts";
 * import { createTokenizer } from "../prompt/tokenize.ts";
 * import { embedTexts } from "./embed_texts.ts";
 *
 * await using backend = await createCpuBackend();
 * const { graph, tokenizer: files } = await openModel("emoji");
 * const parts = { backend, graph, tokenizer: await createTokenizer(files) };
 * const { shape } = await embedTexts(parts, ["", "a dog"], console.error);
 * console.assert(shape[0] === 2);
 * ```
 */
export async function embedTexts(
  { backend, graph, tokenizer }: Pick<ModelParts, "backend" | "graph" | "tokenizer">,
  texts: readonly string[],
  onWarning: (message: string) => void,
): Promise<Embeddings> {
  warnTruncated(tokenizer, texts, onWarning);
  const { bytes, model, externalData } = await graph("text_encoder");
  const fits = weightMemory(model).largest.bytes <= backend.limits.tensor;
  await using instead = fits ? undefined : await createCpuBackend();
  const device = instead ?? backend;
  using session = await device.load(bytes, {
    // Texts run one by one.
    freeDimensions: freeDimensions(model, { 2: [1, tokenizer.maxLength] }),
    externalData,
  });
  return await embedPrompts(device, session, tokenizer, texts);
}
