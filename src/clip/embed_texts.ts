import type { HostTensor, TensorInfo } from "../backend/backend.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { hostArray } from "../backend/backend.ts";
import { UserError } from "../errors.ts";
import { loadUnchanged } from "../networks/loaded_graph.ts";
import { graphOf, inputsOf, type OnnxModel } from "../onnx/model.ts";
import { declaration } from "../onnx/value_info.ts";
import type { Embeddings } from "../prompt/embed.ts";
import {
  createTokenizer,
  type TokenizedPrompt,
  type TokenizerFiles,
  tokenizeTexts,
} from "../prompt/tokenize.ts";
import type { ClipModel } from "./clip_model.ts";
import { unitRows } from "./similarity.ts";

const HINT = "export it with its projection, as text_model.onnx of CLIPTextModelWithProjection";

/**
 * Embeds texts with CLIP's text encoder, which is loaded for this call and freed again. The CPU runs
 * it on every device, as in `embedTexts`.
 *
 * @param model The diffusion model, whose tokenizer reads for a CLIP that has none.
 * @param onWarning Receives a message for each text that is longer than the text encoder reads, and
 * one for the words that CLIP does not know.
 * @returns One embedding per text (N, 1, D), of length 1.
 * @throws {UserError} The graph is not such an encoder, there is no tokenizer, or it leaves nothing of
 * a text.
 *
 * @example
 * ```ts
 * import { loadModel, models } from "../../mod.ts";
 * import { fileURLToPath } from "node:url";
 *
 * const folder = new URL("../../tests/fixtures/companions/clip", import.meta.url);
 * const clip = await models.openClipModel(fileURLToPath(folder));
 * await using model = await loadModel("emoji", { device: "cpu", loss: "clip" });
 * const { data, shape } = await models.embedClipTexts(model, clip, ["a dog", "a cat"]);
 * console.assert(shape.join() === "2,1,24" && Math.abs(Math.hypot(...data) - Math.SQRT2) < 1e-6);
 * ```
 */
export async function embedClipTexts(
  model: { readonly tokenizerFiles: TokenizerFiles },
  clip: ClipModel,
  texts: readonly string[],
  onWarning: (message: string) => void = () => {},
): Promise<Embeddings> {
  const textEncoder = await clip.graph("text_model");
  const { ids, output } = ports(textEncoder.model);
  const [, length] = ids.dimensions;
  const tokenizer = await createTokenizer(
    clip.tokenizer ?? model.tokenizerFiles,
    typeof length === "number" ? { sequenceLength: length } : {},
  );
  const prompts = tokenizeTexts({ tokenizer, vocabulary: clip.vocabulary }, texts, onWarning);

  await using device = await createCpuBackend();
  const shape = [1, tokenizer.maxLength];
  using session = await loadUnchanged(device, textEncoder, { 2: shape });
  const width = session.outputs.find(({ name }) => name === output)?.shape[1];
  if (typeof width !== "number") {
    throw new UserError(`CLIP's text encoder does not say how long its ${output} are`, HINT);
  }
  using result = device.tensor([1, width]);
  const data = new Float32Array(texts.length * width);
  for (const [n, tokens] of prompts.entries()) {
    const feeds = Object.fromEntries(
      session.inputs.map((info) => [info.name, feed(info, tokens, shape)]),
    );
    await session.run(feeds, { [output]: result });
    data.set(await device.read(result), n * width);
  }
  return { data: unitRows(data, width), shape: [texts.length, 1, width] };
}

/** Finds the token ids and the output. @throws {UserError} The graph is not CLIP's text encoder. */
function ports(graph: OnnxModel) {
  const inputs = inputsOf(graph);
  const declared = inputs.map(declaration);
  const ids = declared.find((port) => port?.name === "input_ids");
  const known = declared.every((port) =>
    port && ["input_ids", "attention_mask"].includes(port.name) &&
    port.dimensions.length === 2 && /^int(32|64)$/.test(port.dtype)
  );
  if (!ids || !known) {
    throw new UserError(
      "CLIP's text encoder must take input_ids (int32 or int64, rank 2), and attention_mask at most; " +
        `it takes ${inputs.map(({ name }) => name).join(", ") || "nothing"}`,
      HINT,
    );
  }
  const outputs = graphOf(graph).output.map(({ name }) => name);
  if (outputs.includes("text_embeds")) return { ids, output: "text_embeds" };
  throw new UserError(
    `CLIP's text encoder must give text_embeds; it gives ${outputs.join(", ")}`,
    HINT,
  );
}

/**
 * The ids; as the attention mask, a 1 for each of them: padding follows the end of the text, and no
 * token attends to what comes after it.
 */
function feed(
  { name, dtype }: TensorInfo,
  { ids }: TokenizedPrompt,
  shape: readonly number[],
): HostTensor {
  const data = hostArray(dtype, ids.length);
  const values = name === "input_ids" ? ids : ids.map(() => 1);
  if (data instanceof BigInt64Array) values.forEach((value, i) => data[i] = BigInt(value));
  else data.set(values);
  return { data, shape, dtype };
}
