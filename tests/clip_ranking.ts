import { createCpuBackend } from "../src/backend/cpu.ts";
import { embedClipTexts } from "../src/clip/embed_texts.ts";
import { unitRows } from "../src/clip/unit_rows.ts";
import type { DiffusionModel } from "../src/diffusion/model.ts";
import type { Image } from "../src/image/image.ts";
import { pictureInput } from "../src/image/picture_input.ts";
import type { ClipModel } from "../src/prompt/clip_model.ts";

/** Texts for a picture, the one that CLIP finds most like it first. */
export async function clipRanking(
  model: DiffusionModel,
  clip: ClipModel,
  image: Image,
  texts: readonly string[],
): Promise<string[]> {
  const { size } = clip.input;
  const values = pictureInput(image, size, size, clip.input);
  const embeddings = await embedClipTexts(model, clip, texts);
  const { bytes, externalData } = await clip.graph("vision_model");
  await using backend = await createCpuBackend();
  using session = await backend.load(bytes, { freeDimensions: { batch: 1 }, externalData });
  const [, , dimensions] = embeddings.shape;
  using picture = backend.tensor([1, 3, size, size], values);
  using embeds = backend.tensor([1, dimensions]);
  await session.run({ [session.inputs[0].name]: picture }, { image_embeds: embeds });
  const seen = unitRows(await backend.read(embeds), dimensions);
  const likeness = texts.map((_, n) =>
    seen.reduce((sum, x, i) => sum + x * embeddings.data[n * dimensions + i], 0)
  );
  return texts.map((text, n) => ({ text, likeness: likeness[n] }))
    .sort((a, b) => b.likeness - a.likeness).map(({ text }) => text);
}
