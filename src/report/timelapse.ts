import { type GifEncoder, openGif } from "../image/encode_gif.ts";
import { fromSquare, type SquareMode } from "../image/geometry.ts";
import type { Image } from "../image/image.ts";
import { shrink } from "../image/resample.ts";
import type { GenerateFrame } from "../generate.ts";
import { overCheckerboard, overlay } from "../mask/overlay.ts";
import type { SegmentFrame } from "../segment.ts";

/** Duration of a frame, and of the last one. */
const FRAME_MS = 80, LAST_MS = 2000;
/** Longer side of the film of a large image, in pixels. */
const MAX_SIDE = 512;

/** Films of an optimisation, one per result, whose frames are compressed as they come. */
export interface Timelapse {
  /** Appends a frame to each film. */
  add(images: readonly Image[]): Promise<void>;
  /** Ends the films, and returns them as animated GIFs. */
  finish(): Uint8Array[];
}

/** Starts one film per result. */
export function createTimelapse(): Timelapse {
  const gifs: GifEncoder[] = [];
  // A frame's duration depends on whether another one follows.
  let last: readonly Image[] = [];
  const flush = (milliseconds: number) => {
    last.forEach((image, k) => gifs[k].add(image, milliseconds));
  };
  return {
    async add(images) {
      while (gifs.length < images.length) gifs.push(await openGif());
      flush(FRAME_MS);
      last = images;
    },
    finish() {
      flush(LAST_MS);
      return gifs.map((gif) => gif.finish());
    },
  };
}

/** Films the masks of `segment` as overlays of the image, and shrinks the image if it is large. */
export function segmentFilm(
  timelapse: Timelapse,
  image: Image,
  { square, threshold }: { square: SquareMode; threshold: number },
): (frame: SegmentFrame) => Promise<void> {
  const small = shrink(image, MAX_SIDE);
  return async ({ alphas, alphaSize }) => {
    await timelapse.add(
      alphas.map((alpha) => overlay(small, fromSquare(alpha, alphaSize, small, square), threshold)),
    );
  };
}

/** Films the images of `generate` over a checkerboard. */
export function generateFilm(timelapse: Timelapse): (frame: GenerateFrame) => Promise<void> {
  return async ({ layers }) => {
    await timelapse.add(layers.map(({ image, alpha }) => overCheckerboard(image, alpha)));
  };
}
