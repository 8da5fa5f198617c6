/**
 * The rule of resizing: interpolation is a linear map along each axis, and its adjoint is the
 * transposed map.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import { resizedAxes, type ResizedAxis } from "../../onnx/infer/window.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { Value } from "../../onnx/value.ts";
import type { RuleTable } from "../rule.ts";
import { alongAxis } from "./common.ts";

/**
 * Rounds to float32. Runtimes compute places in float32, and its rounding decides between two
 * neighbours that are equally near.
 */
const f32 = Math.fround;

const halfPixel = (i: number, scale: number) => f32(f32((i + 0.5) / scale) - 0.5);

/** The place of the result's element i in the source, by `coordinate_transformation_mode`. */
const SOURCE: Record<string, (i: number, scale: number, from: number, to: number) => number> = {
  half_pixel: halfPixel,
  pytorch_half_pixel: (i, scale, _from, to) => to > 1 ? halfPixel(i, scale) : 0,
  align_corners: (i, _scale, from, to) => to > 1 ? f32(i * (from - 1) / (to - 1)) : 0,
  asymmetric: (i, scale) => f32(i / scale),
  half_pixel_symmetric: (i, scale, from, to) =>
    f32(from / 2 * (1 - to / (scale * from)) + halfPixel(i, scale)),
};

/** A part of an axis, from 0 at its first element to 1 at its last. */
interface Region {
  readonly start: number;
  readonly end: number;
}

/** The place of the result's element i where a region becomes the result. */
function regionPlace(i: number, from: number, to: number, { start, end }: Region): number {
  if (to === 1) return f32((start + end) / 2 * (from - 1));
  return f32(f32(start * (from - 1)) + f32(i * (end - start) * (from - 1) / (to - 1)));
}

/** The neighbour that a place rounds to, by `nearest_mode`. */
const NEAREST: Record<string, (place: number) => number> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Looks up a mode. @throws {UserError} The mode is not supported. */
function choose<T>(table: Record<string, T>, node: NodeView, name: string, fallback: string): T {
  const mode = node.string(name, fallback);
  if (Object.hasOwn(table, mode)) return table[mode];
  throw new UserError(
    `Cannot differentiate ${node.label}: its ${name} is "${mode}"`,
    `supported are ${Object.keys(table).join(", ")}`,
  );
}

/** The source elements that one element of the result is made of: pairs of index and weight. */
type Taps = (place: number, length: number) => [index: number, weight: number][];

/** The weight of a source element at a distance, in source elements. */
interface Filter {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** Triangles; or cubic pieces, whose slope `a` at distance 1 the node says. */
function filterOf(node: NodeView, mode: string): Filter {
  if (mode === "linear") return { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };
  const a = node.float("cubic_coeff_a", -0.75);
  return {
    support: 2,
    weight: (distance) => {
      const x = Math.abs(distance);
      if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    },
  };
}

function tapsOf(node: NodeView, scale: number): Taps {
  const nearest = choose(NEAREST, node, "nearest_mode", "round_prefer_floor");
  const mode = node.string("mode", "nearest");
  if (mode === "nearest") return (place) => [[nearest(place), 1]];
  choose({ linear: true, cubic: true }, node, "mode", "nearest");
  const { support, weight } = filterOf(node, mode);
  // Against aliasing, the filter covers what becomes one element.
  const antialias = node.int("antialias", 0) === 1;
  const shrink = antialias ? Math.min(1, scale) : 1;
  const excludes = node.int("exclude_outside", 0) === 1;
  return (place, length) => {
    const first = Math.ceil(place - support / shrink);
    const last = Math.floor(place + support / shrink);
    const taps = Array.from({ length: last - first + 1 }, (_, k): [number, number] => [
      first + k,
      weight((first + k - place) * shrink),
    ]).filter(([index]) => !excludes || (index >= 0 && index < length));
    const sum = taps.reduce((total, [, value]) => total + value, 0);
    return taps.map(([index, value]) => [index, value / sum]);
  };
}

/** The transposed interpolation matrix [from, to] of one axis, row-major. */
function transposedMatrix(
  node: NodeView,
  from: number,
  to: number,
  scale: number,
  region: Region | undefined,
): Float32Array {
  const source = region
    ? (i: number) => regionPlace(i, from, to, region)
    : choose(SOURCE, node, "coordinate_transformation_mode", "half_pixel");
  const taps = tapsOf(node, scale);
  const matrix = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    const place = source(i, scale, from, to);
    // Outside the image a region has a constant.
    if (region && (place < 0 || place > from - 1)) continue;
    for (const [index, weight] of taps(place, from)) {
      const inside = Math.min(from - 1, Math.max(0, index));
      matrix[inside * to + i] += weight;
    }
  }
  return matrix;
}

/** The axes that are resized. @throws {UserError} Scales, sizes or the region depend on data. */
function axesOf(node: NodeView): (ResizedAxis & { region?: Region })[] {
  const axes = resizedAxes(node);
  const crops = node.string("coordinate_transformation_mode", "") === "tf_crop_and_resize";
  const roi = crops ? node.constant(1) : [];
  if (!axes || !roi) {
    const scaled = node.proto.input[2] && !node.constant(2);
    const missing = scaled ? "scales" : axes ? "region" : "size";
    throw new UserError(
      `Cannot differentiate ${node.label}: its ${missing} depend${scaled ? "" : "s"} on the data`,
      "export the model with scales, sizes and regions that are constants",
    );
  }
  if (!crops) return axes;
  return axes.map((axis, i) => ({
    ...axis,
    region: { start: roi[i], end: roi[i + axes.length] },
  }));
}

/** Resizing. */
export const resize: RuleTable = {
  Resize: {
    inputs: ["X"],
    attributes: [
      "antialias",
      "axes",
      "coordinate_transformation_mode",
      "cubic_coeff_a",
      "exclude_outside",
      "extrapolation_value",
      "keep_aspect_ratio_policy",
      "mode",
      "nearest_mode",
    ],
    adjoint: ({ g, node, x: [x], dy }) => {
      const axes = axesOf(node);
      return [() =>
        // x̄ = Aᵀ·ȳ along each axis
        axes.reduce((result: Value, { axis, scale, size: to, region }) => {
          const from = x.shape[axis];
          if (from === to && scale === 1 && !region) return result;
          const matrix = transposedMatrix(node, from, to, scale, region);
          return alongAxis(g, g.constant(dy.dtype, [from, to], matrix), result, axis);
        }, dy)];
    },
  },
};
