import type { Backend, Session } from "../backend/backend.ts";
import { textEncoderPorts } from "./text_encoder_ports.ts";
import type { Tokenizer } from "./tokenize.ts";

/** Text embeddings of some prompts, as a U-Net takes them: its `encoder_hidden_states`. */
export interface Embeddings {
  /** Row-major, of length N·T·D. */
  readonly data: Float32Array<ArrayBuffer>;
  /** Number of prompts N, of tokens T and the embeddings' width D. */
  readonly shape: readonly [prompts: number, tokens: number, width: number];
}

/**
 * Embeds prompts: the last hidden state of the text encoder. Each prompt runs by itself, so that
 * its embedding does not depend on the others.
 *
 * @param backend Where `session` lives.
 * @param session The text encoder.
 * @param prompts At least one; the empty prompt is the unconditional one.
 * @throws {UserError} If the session is no text encoder.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { openModel } from "../models/open_model.ts";
 * import { embedPrompts } from "./embed.ts";
 * import { createTokenizer } from "./tokenize.ts";
 *
 * const model = await openModel("emoji");
 * const tokenizer = await createTokenizer(model.tokenizer);
 * await using backend = await createCpuBackend();
 * using session = await backend.load((await model.graph("text_encoder")).bytes);
 * const { shape } = await embedPrompts(backend, session, tokenizer, ["", "a dog"]);
 * console.assert(shape.join() === "2,24,128");
 * ```
 */
export async function embedPrompts(
  backend: Backend,
  session: Session,
  tokenizer: Tokenizer,
  prompts: readonly string[],
): Promise<Embeddings> {
  const { ids, hiddenStates } = textEncoderPorts(session);
  const tokens = tokenizer.maxLength;
  const width = Number(hiddenStates.shape[2]);
  using result = backend.tensor([1, tokens, width]);
  const data = new Float32Array(prompts.length * tokens * width);
  for (const [n, prompt] of prompts.entries()) {
    const encoded = tokenizer.encode(prompt).ids;
    const input = ids.dtype === "int64" ? BigInt64Array.from(encoded, BigInt) : encoded;
    const feed = { data: input, shape: [1, tokens], dtype: ids.dtype };
    await session.run({ [ids.name]: feed }, { [hiddenStates.name]: result });
    data.set(await backend.read(result), n * tokens * width);
  }
  return { data, shape: [prompts.length, tokens, width] };
}
