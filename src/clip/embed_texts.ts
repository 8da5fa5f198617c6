import type { HostTensor, TensorInfo } from "../backend/backend.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { hostArray } from "../backend/backend.ts";
import { freeDimensions } from "../networks/free_dimensions.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import { declaration } from "../onnx/value_info.ts";
import type { ClipModel } from "../prompt/clip_model.ts";
import type { Embeddings } from "../prompt/embed.ts";
import { createTokenizer, type TokenizedPrompt } from "../prompt/tokenize.ts";
import { warnTruncated } from "../prompt/warn_truncated.ts";
import { unitRows } from "./unit_rows.ts";

const HINT = "export it with its projection, as text_model.onnx of CLIPTextModelWithProjection";

/**
 * Embeds texts with CLIP's text encoder, which is loaded for this and freed again; on the CPU, as
 * `embedTexts` does.
 *
 * @param onWarning Told about each text longer than the text encoder reads.
 * @returns One embedding a text (N, 1, D), of length 1.
 * @throws {UserError} The graph is no such encoder, or there is no tokenizer.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { loadModel } from "../models/load_model.ts";
 * import { openClipModel } from "../models/open_clip.ts";
 * import { embedClipTexts } from "./embed_texts.ts";
 *
 * const folder = new URL("../../tests/fixtures/companions/clip", import.meta.url);
 * const clip = await openClipModel(fileURLToPath(folder));
 * await using model = await loadModel("emoji", { device: "cpu", loss: "clip" });
 * const { data, shape } = await embedClipTexts(model, clip, ["a dog", "a cat"]);
 * console.assert(shape.join() === "2,1,24" && Math.abs(Math.hypot(...data) - Math.SQRT2) < 1e-6);
 * ```
 */
export async function embedClipTexts(
  model: DiffusionModel,
  clip: ClipModel,
  texts: readonly string[],
  onWarning: (message: string) => void = () => {},
): Promise<Embeddings> {
  const { bytes, model: graph, externalData } = await clip.graph("text_model");
  const { ids, output } = ports(graph);
  const [, length] = ids.dimensions;
  const tokenizer = await createTokenizer(
    clip.tokenizer ?? model.tokenizerFiles,
    typeof length === "number" ? { sequenceLength: length } : {},
  );
  warnTruncated(tokenizer, texts, onWarning);

  await using device = await createCpuBackend();
  const shape = [1, tokenizer.maxLength];
  using session = await device.load(bytes, {
    freeDimensions: freeDimensions(graph, { 2: shape }),
    externalData,
  });
  const width = session.outputs.find(({ name }) => name === output)?.shape[1];
  if (typeof width !== "number") {
    throw new UserError(`CLIP's text encoder does not say how long its ${output} are`, HINT);
  }
  using result = device.tensor([1, width]);
  const data = new Float32Array(texts.length * width);
  for (const [n, text] of texts.entries()) {
    const encoded = tokenizer.encode(text);
    const feeds = Object.fromEntries(
      session.inputs.map((info) => [info.name, feed(info, encoded, shape)]),
    );
    await session.run(feeds, { [output]: result });
    data.set(await device.read(result), n * width);
  }
  return { data: unitRows(data, width), shape: [texts.length, 1, width] };
}

/** What a text encoder takes and gives. @throws {UserError} It is none. */
function ports(graph: OnnxModel) {
  const { input, output, initializer } = graphOf(graph);
  const weights = new Set(initializer.map(({ name }) => name));
  const inputs = input.filter(({ name }) => !weights.has(name));
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
  const outputs = output.map(({ name }) => name);
  if (outputs.includes("text_embeds")) return { ids, output: "text_embeds" };
  throw new UserError(
    `CLIP's text encoder must give text_embeds; it gives ${outputs.join(", ")}`,
    HINT,
  );
}

/** The ids, or for every one of them a 1: what pads is an end of text, which nothing looks beyond. */
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
