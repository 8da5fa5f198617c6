import { EMOJI_WORDS } from "./emoji_words.ts";
import type { Scene } from "./scene.ts";

/** A mask as COCO's uncompressed run-length encoding. */
export interface CocoRle {
  /** Height, then width. */
  readonly size: readonly [number, number];
  /** Lengths of runs down the columns, left to right: outside, inside, outside, … */
  readonly counts: readonly number[];
}

/** COCO's instance annotations, with the prompt of each object besides. */
export interface CocoDocument {
  readonly images: readonly { id: number; file_name: string; width: number; height: number }[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly { id: number; name: string }[];
}

/** One object of one picture. */
export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly prompt: string;
  readonly segmentation: CocoRle;
  /** Pixels inside. */
  readonly area: number;
  /** Left, top, width, height. */
  readonly bbox: readonly [number, number, number, number];
  readonly iscrowd: 0;
}

/**
 * Describes scenes in COCO's format (https://cocodataset.org/#format-data), which evaluation tools
 * read.
 *
 * @param scenes Each scene with the name of its picture's file.
 *
 * @example
 * ```ts
 * import { toCoco } from "./coco.ts";
 *
 * const image = { width: 2, height: 1, data: new Uint8Array(6) };
 * const dog = { word: "dog", prompt: "a dog", mask: Uint8Array.of(0, 255) } as const;
 * const coco = toCoco([{ file: "0.png", scene: { image, objects: [dog] } }]);
 * console.assert(coco.annotations[0].bbox.join() === "1,0,1,1");
 * ```
 */
export function toCoco(scenes: readonly { file: string; scene: Scene }[]): CocoDocument {
  const images = scenes.map(({ file, scene: { image: { width, height } } }, i) => (
    { id: i + 1, file_name: file, width, height }
  ));
  const annotations = scenes.flatMap(({ scene: { image, objects } }, i) =>
    objects.map(({ word, prompt, mask }) => ({
      image_id: i + 1,
      category_id: EMOJI_WORDS.indexOf(word) + 1,
      prompt,
      segmentation: encodeRle(mask, image.width, image.height),
      ...extent(mask, image.width),
      iscrowd: 0 as const,
    }))
  );
  return {
    images,
    annotations: annotations.map((annotation, i) => ({ id: i + 1, ...annotation })),
    categories: EMOJI_WORDS.map((name, i) => ({ id: i + 1, name })),
  };
}

/**
 * Run-length encodes a mask as COCO does.
 *
 * @param mask (height, width), inside where it is not 0.
 *
 * @example
 * ```ts
 * import { encodeRle } from "./coco.ts";
 *
 * console.assert(encodeRle(Uint8Array.of(1, 0, 1, 1), 2, 2).counts.join() === "0,2,1,1");
 * ```
 */
export function encodeRle(mask: Uint8Array, width: number, height: number): CocoRle {
  const counts = [0];
  let inside = false;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((mask[y * width + x] !== 0) !== inside) {
        inside = !inside;
        counts.push(0);
      }
      counts[counts.length - 1]++;
    }
  }
  return { size: [height, width], counts };
}

function extent(mask: Uint8Array, width: number): Pick<CocoAnnotation, "area" | "bbox"> {
  let [area, left, top, right, bottom] = [0, Infinity, Infinity, 0, 0];
  mask.forEach((value, i) => {
    if (value === 0) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    area++;
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
  });
  return { area, bbox: area === 0 ? [0, 0, 0, 0] : [left, top, right - left, bottom - top] };
}
