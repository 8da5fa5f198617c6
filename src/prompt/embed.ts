import type { Backend, Session } from "../backend/backend.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { type LoadedGraph, loadUnchanged } from "../networks/loaded_graph.ts";
import { textEncoderPorts } from "./text_encoder_ports.ts";
import { type TokenizedPrompt, type Tokenizer, tokenizeTexts } from "./tokenize.ts";

/** Text embeddings of some prompts, as a U-Net takes them: its `encoder_hidden_states`. */
export interface Embeddings {
  /** Row-major, of length N·T·D. */
  readonly data: Float32Array<ArrayBuffer>;
  /** Number of prompts N, of tokens T and the embeddings' width D. */
  readonly shape: readonly [prompts: number, tokens: number, width: number];
}

/** A model that reads text: every model from `loadModel`. */
export interface TextModel {
  /**
   * Reads the graph of the text encoder.
   *
   * @internal
   */
  readonly graph: (name: "text_encoder") => Promise<LoadedGraph>;
  /**
   * The text encoder's tokenizer.
   *
   * @internal
   */
  readonly tokenizer: Tokenizer;
  /** The words that the model knows, in lower case between spaces, if its manifest lists them. */
  readonly vocabulary?: string | undefined;
}

/**
 * Embeds texts with a model's text encoder, which is loaded for this call and freed again. The CPU
 * runs it on every device: a job embeds its texts once, and the table of tokens is the largest weight
 * of Stable Diffusion, 145 MiB, for which some GPU drivers have no room.
 *
 * @param model A model from `loadModel`.
 * @param texts At least one text; guidance leads away from the first, usually the empty one.
 * @param onWarning Receives a message for each text that is longer than the text encoder reads, and
 * one for the words that the model does not know.
 * @throws {UserError} The model's graph is not a text encoder, or its tokenizer leaves nothing of a text
 * that is not empty.
 *
 * @example
 * ```ts
 * import { loadModel, models } from "../../mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const { shape } = await models.embedTexts(model, ["", "a dog", "a cat"]);
 * console.assert(shape.join() === "3,24,128");
 * ```
 */
export async function embedTexts(
  { graph, tokenizer, vocabulary }: TextModel,
  texts: readonly string[],
  onWarning: (message: string) => void = () => {},
): Promise<Embeddings> {
  const textEncoder = await graph("text_encoder");
  const prompts = tokenizeTexts({ tokenizer, vocabulary }, texts, onWarning);
  await using cpu = await createCpuBackend();
  using session = await loadUnchanged(cpu, textEncoder, { 2: [1, tokenizer.maxLength] });
  return await embedPrompts(cpu, session, prompts);
}

/**
 * Embeds prompts: the last hidden state of the text encoder. Each prompt runs by itself, so that
 * its embedding does not depend on the others.
 *
 * @param backend The device that `session` was loaded on.
 * @param session The text encoder.
 * @param prompts The tokens of at least one prompt.
 * @throws {UserError} The session is not a text encoder.
 */
export async function embedPrompts(
  backend: Backend,
  session: Session,
  prompts: readonly TokenizedPrompt[],
): Promise<Embeddings> {
  const { ids, hiddenStates } = textEncoderPorts(session);
  const tokens = prompts[0].ids.length;
  const width = Number(hiddenStates.shape[2]);
  using result = backend.tensor([1, tokens, width]);
  const data = new Float32Array(prompts.length * tokens * width);
  for (const [n, { ids: encoded }] of prompts.entries()) {
    const input = ids.dtype === "int64" ? BigInt64Array.from(encoded, BigInt) : encoded;
    const feed = { data: input, shape: [1, tokens], dtype: ids.dtype };
    await session.run({ [ids.name]: feed }, { [hiddenStates.name]: result });
    data.set(await backend.read(result), n * tokens * width);
  }
  return { data, shape: [prompts.length, tokens, width] };
}

/**
 * Averages the embeddings of the prompts of each label, as the paper's code does for its MeanLabel.
 * The first embedding, of the empty prompt, stays as it is.
 *
 * @param embeddings Of the empty prompt, then of the labels' prompts, one label after the other.
 * @param counts Number of prompts of each label, at least 1.
 * @returns The embedding of the empty prompt, then one per label.
 */
export function meanEmbeddings(embeddings: Embeddings, counts: readonly number[]): Embeddings {
  return labelMeans(embeddings, [1, ...counts]);
}

/** Averages as {@link meanEmbeddings} does, where no empty prompt comes first. */
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
 * Selects the embeddings of some labels.
 *
 * @param embeddings Embeddings that every label needs, then one per label, (N, T, D).
 * @param labels Numbers of the labels, from 0.
 * @param shared Number of embeddings that every label needs: the empty prompt's, if it is there.
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
