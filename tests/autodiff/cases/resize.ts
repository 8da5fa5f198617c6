/**
 * Uses of Resize: modes, filters, policies and regions.
 *
 * @module
 */
import { float } from "../../../src/onnx/attribute.ts";
import { fc, ints, oneOf, type Use } from "./arbitrary.ts";

const flag = oneOf(0, 1);

/** Cubic, and against aliasing: sizes of 4 to 7 become smaller or larger. */
const filtered = fc.record({
  mode: oneOf("linear", "cubic"),
  antialias: flag,
  exclude_outside: flag,
  coordinate: oneOf("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"),
  to: oneOf([4, 3], [2, 3], [9, 5], [6, 14]),
  a: oneOf(-0.75, -0.5),
}).map(({ mode, antialias, exclude_outside, coordinate, to, a }): Use => ({
  opset: 19,
  operands: [
    { shape: [1, 2, 6, 7] },
    undefined,
    undefined,
    ints([1, 2, ...to]),
  ],
  attributes: {
    mode,
    antialias,
    // The runtime takes it for these filters alone.
    exclude_outside: mode === "cubic" || antialias === 1 ? exclude_outside : 0,
    cubic_coeff_a: float(a),
    coordinate_transformation_mode: coordinate,
  },
}));

const resize = fc.record({
  mode: oneOf("nearest", "linear"),
  coordinate: oneOf(
    "asymmetric",
    "half_pixel",
    "pytorch_half_pixel",
    "align_corners",
    "half_pixel_symmetric",
  ),
  nearest_mode: oneOf("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
  by: oneOf("scales", "sizes"),
  to: oneOf([4, 6], [7, 3], [1, 5], [6, 9]),
}).map(({ mode, coordinate, nearest_mode, by, to }): Use => ({
  opset: 19,
  operands: [
    { shape: [1, 2, 2, 4] },
    undefined,
    by === "scales" ? { shape: [4], values: [1, 1, to[0] / 2, to[1] / 4] } : undefined,
    by === "sizes" ? ints([1, 2, ...to]) : undefined,
  ],
  attributes: { mode, coordinate_transformation_mode: coordinate, nearest_mode },
}));

/** One scale for two axes, and regions that reach beyond the image. */
const policies = fc.record({
  policy: oneOf("not_larger", "not_smaller"),
  mode: oneOf("nearest", "linear"),
  to: oneOf([3, 7], [7, 8], [9, 2]),
}).map(({ policy, mode, to }): Use => ({
  opset: 19,
  operands: [{ shape: [1, 1, 4, 5] }, undefined, undefined, ints(to)],
  attributes: { mode, keep_aspect_ratio_policy: policy, axes: [2, 3] },
}));

const regions = fc.record({
  mode: oneOf("nearest", "linear"),
  start: oneOf(0.1, -0.3),
  end: oneOf(0.75, 1.4),
  to: oneOf([3, 4], [1, 6]),
}).map(({ mode, start, end, to }): Use => ({
  opset: 19,
  operands: [
    { shape: [1, 1, 4, 5] },
    { shape: [8], values: [0, 0, start, 0.2, 1, 1, end, 0.9] },
    undefined,
    ints([1, 1, ...to]),
  ],
  attributes: {
    mode,
    coordinate_transformation_mode: "tf_crop_and_resize",
    extrapolation_value: float(0.5),
  },
}));

/** All of them. */
export const resizes: fc.Arbitrary<Use> = fc.oneof(resize, filtered, policies, regions);
