import { EMOJI_WORDS } from "./emoji.ts";
import type { Scene } from "./scene.ts";
import type { QueryKind } from "./sets.ts";

/** A mask in COCO's uncompressed run-length encoding. */
export interface CocoRle {
  /** Height, then width. */
  readonly size: readonly [number, number];
  /** Lengths of the runs down the columns, left to right: outside, inside, outside, … */
  readonly counts: readonly number[];
}

/** COCO's instance annotations, extended by the prompts of the objects asked for. */
export interface CocoDocument {
  readonly info: { readonly description: string; readonly contributor: string };
  readonly images: readonly { id: number; file_name: string; width: number; height: number }[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly { id: number; name: string }[];
}

/** A scene to describe, and the question about its first object. */
export interface CocoScene {
  /** Name of the image file. */
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
  /** The prompt that means this object, if it is the one asked for. */
  readonly prompt?: string;
  /** The way in which the prompt tells it from the other objects. */
  readonly kind?: QueryKind;
  readonly segmentation: CocoRle;
  /** Number of pixels inside. */
  readonly area: number;
  /** Left, top, width, height. */
  readonly bbox: readonly [number, number, number, number];
  readonly iscrowd: 0;
}

/**
 * Describes scenes in COCO's format (https://cocodataset.org/#format-data), which evaluation tools
 * read.
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
    info: { description: "Emoji scenes", contributor: "Peekaboo" },
    images,
    annotations: annotations.map((annotation, i) => ({ id: i + 1, ...annotation })),
    categories: EMOJI_WORDS.map((name, i) => ({ id: i + 1, name })),
  };
}

/** Encodes the runs of a mask (height, width), which is inside where it is not 0, as COCO does. */
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
