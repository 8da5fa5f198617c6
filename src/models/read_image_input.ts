import * as v from "npm:valibot@1.5.0";
import { UserError } from "../errors.ts";
import type { ImageInput } from "../image/image_input.ts";
import { checkJson, POSITIVE_INTEGER } from "../files/check_json.ts";
import type { ModelSource } from "./model_source.ts";

const CHANNELS = v.pipe(v.array(v.number()), v.length(3, "three numbers"));
const DIVISORS = v.pipe(CHANNELS, v.everyItem((value) => value !== 0, "numbers other than 0"));

/** A side, as one number or in any of the forms that transformers' processors write. */
const SIZE = v.union([
  POSITIVE_INTEGER,
  v.pipe(v.object({ shortest_edge: POSITIVE_INTEGER }), v.transform((size) => size.shortest_edge)),
  v.pipe(
    v.object({ height: POSITIVE_INTEGER, width: POSITIVE_INTEGER }),
    v.check(({ height, width }) => height === width, "a square"),
    v.transform(({ height }) => height),
  ),
]);

const PROCESSOR = v.object({
  size: v.optional(SIZE),
  crop_size: v.optional(SIZE),
  do_center_crop: v.optional(v.boolean(), true),
  ensure_multiple_of: v.optional(POSITIVE_INTEGER),
  do_normalize: v.optional(v.boolean(), true),
  image_mean: v.optional(CHANNELS),
  image_std: v.optional(DIVISORS),
});

const FILE = "preprocessor_config.json";

/**
 * Reads how a network wants images from `preprocessor_config.json`, as transformers' processors
 * write it: `crop_size` or `size`, `ensure_multiple_of`, `image_mean` and `image_std` unless
 * `do_normalize` is false.
 *
 * @throws {UserError} If the file is missing or broken.
 *
 * @example
 * ```ts
 * import { readImageInput } from "./read_image_input.ts";
 *
 * const config = { size: { height: 384, width: 384 }, do_normalize: false };
 * const { size, mean } = await readImageInput({
 *   label: "Model",
 *   has: () => Promise.resolve(true),
 *   read: () => Promise.resolve(new TextEncoder().encode(JSON.stringify(config))),
 * });
 * console.assert(size === 384 && mean.join() === "0,0,0");
 * ```
 */
export async function readImageInput(
  source: Pick<ModelSource, "label" | "has" | "read">,
): Promise<ImageInput> {
  if (!await source.has(FILE)) {
    throw new UserError(
      `${source.label} lacks ${FILE}: wanted the image's size, mean and standard deviation`,
      `write them there: {"size": 256, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}`,
    );
  }
  const config = checkJson(PROCESSOR, new TextDecoder().decode(await source.read(FILE)), FILE);
  const { do_center_crop, crop_size, do_normalize, image_mean, image_std } = config;
  const size = (do_center_crop ? crop_size : undefined) ?? config.size;
  const missing = Object.entries({
    size,
    ...(do_normalize ? { image_mean, image_std } : {}),
  }).find(([, value]) => value === undefined);
  if (missing || size === undefined) {
    throw new UserError(
      `${source.label} cannot be used: field "${missing?.[0]}" of ${FILE} is missing`,
      "mend the file, or fetch the model again",
    );
  }
  return {
    size,
    multipleOf: config.ensure_multiple_of,
    mean: do_normalize ? image_mean! : [0, 0, 0],
    std: do_normalize ? image_std! : [1, 1, 1],
  };
}
