/**
 * The rule of resizing: interpolation is a linear map along each axis, and its adjoint is the
 * transposed map.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
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
function transposedMatrix(node: NodeView, from: number, to: number, scale: number): Float32Array {
  const source = choose(SOURCE, node, "coordinate_transformation_mode", "half_pixel");
  const taps = tapsOf(node, scale);
  const matrix = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    for (const [index, weight] of taps(source(i, scale, from, to), from)) {
      const inside = Math.min(from - 1, Math.max(0, index));
      matrix[inside * to + i] += weight;
    }
  }
  return matrix;
}

/** Refuses scales that are not known: sizes do not say them exactly. */
function refuseUnknownScales(node: NodeView): void {
  if (node.proto.input[2] && !node.constant(2)) {
    throw new UserError(
      `Cannot differentiate ${node.label}: its scales depend on the data`,
      "export the model with scales that are constants",
    );
  }
  const policy = node.string("keep_aspect_ratio_policy", "stretch");
  if (policy !== "stretch") {
    throw new UserError(
      `Cannot differentiate ${node.label}: its keep_aspect_ratio_policy is "${policy}"`,
      "export the model with the policy stretch",
    );
  }
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
      refuseUnknownScales(node);
      const axes = node.ints("axes") ?? x.shape.map((_, axis) => axis);
      const scales = node.constant(2) ?? [];
      return [() =>
        // x̄ = Aᵀ·ȳ along each axis
        axes.reduce((result: Value, axis, i) => {
          const [from, to] = [x.shape[axis], dy.shape[axis]];
          const scale = scales[i] ?? f32(to / from);
          if (from === to && scale === 1) return result;
          const matrix = transposedMatrix(node, from, to, scale);
          return alongAxis(g, g.constant(dy.dtype, [from, to], matrix), result, axis);
        }, dy)];
    },
  },
};
