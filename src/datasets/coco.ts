import { EMOJI_WORDS } from "./emoji.ts";
import type { QueryKind } from "./ref_emoji.ts";
import type { Scene } from "./scene.ts";

/** A mask as COCO's uncompressed run-length encoding. */
export interface CocoRle {
  /** Height, then width. */
  readonly size: readonly [number, number];
  /** Lengths of runs down the columns, left to right: outside, inside, outside, … */
  readonly counts: readonly number[];
}

/** COCO's instance annotations, with the prompts of the objects asked for besides. */
export interface CocoDocument {
  readonly images: readonly { id: number; file_name: string; width: number; height: number }[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly { id: number; name: string }[];
}

/** A scene to describe, and what is asked about its first object. */
export interface CocoScene {
  /** Name of the image's file. */
  readonly file: string;
  readonly scene: Pick<Scene, "image" | "objects">;
  readonly prompt: string;
  readonly kind: QueryKind;
}

/** One object of one image. */
export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  /** What means it, of the object that is asked for. */
  readonly prompt?: string;
  /** What tells it from the image's other objects. */
  readonly kind?: QueryKind;
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
 * @example
 * ```ts
 * import { toCoco } from "./coco.ts";
 *
 * const image = { width: 2, height: 1, data: new Uint8Array(6) };
 * const dog = { word: "dog", mask: Uint8Array.of(0, 255) } as const;
 * const scene = { image, objects: [dog] };
 * const coco = toCoco([{ file: "0.png", scene, prompt: "a dog", kind: "word" }]);
 * console.assert(coco.annotations[0].bbox.join() === "1,0,1,1");
 * ```
 */
export function toCoco(scenes: readonly CocoScene[]): CocoDocument {
  const images = scenes.map(({ file, scene: { image: { width, height } } }, i) => (
    { id: i + 1, file_name: file, width, height }
  ));
  const annotations = scenes.flatMap(({ scene: { image, objects }, prompt, kind }, i) =>
    objects.map(({ word, mask }, n) => ({
      image_id: i + 1,
      category_id: EMOJI_WORDS.indexOf(word) + 1,
      ...n === 0 && { prompt, kind },
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
