import { embedClipTexts } from "../src/clip/embed_texts.ts";
import { unitRows } from "../src/clip/similarity.ts";
import type { DiffusionModel } from "../src/diffusion/model.ts";
import type { Image } from "../src/image/image.ts";
import { imageInput } from "../src/image/image_input.ts";
import type { ClipModel } from "../src/clip/clip_model.ts";

/** Ranks the texts for each image, the one that CLIP finds most like it first. */
export async function clipRankings(
  model: DiffusionModel,
  clip: ClipModel,
  images: readonly Image[],
  texts: readonly string[],
): Promise<string[][]> {
  const { backend } = model;
  const { size } = clip.input;
  const { data, shape: [, , width] } = await embedClipTexts(model, clip, texts);
  const { bytes, externalData } = await clip.graph("vision_model");
  using session = await backend.load(bytes, { freeDimensions: { batch: 1 }, externalData });
  using pixels = backend.tensor([1, 3, size, size]);
  using embeds = backend.tensor([1, width]);
  const rankings: string[][] = [];
  for (const image of images) {
    backend.write(pixels, imageInput(image, size, size, clip.input));
    await session.run({ [session.inputs[0].name]: pixels }, { image_embeds: embeds });
    const seen = unitRows(await backend.read(embeds), width);
    const likeness = texts.map((text, n) => ({
      text,
      cosine: seen.reduce((sum, x, i) => sum + x * data[n * width + i], 0),
    }));
    rankings.push(likeness.sort((a, b) => b.cosine - a.cosine).map(({ text }) => text));
  }
  return rankings;
}
