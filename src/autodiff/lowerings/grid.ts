/**
 * Sampling an image at places that another tensor gives.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { sizeOf, stridesOf, type Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";

/** A source element along one axis for each place: its index (int64) and its weight, [N, places]. */
interface Tap {
  readonly index: Value;
  readonly weight?: Value | undefined;
}

/** How places along an axis of `length` elements are read. */
interface Axis {
  readonly length: number;
  readonly aligned: boolean;
  readonly padding: string;
}

/** Places from −1..1 in elements: ±1 are the centres of the outer elements, or their outer edges. */
function denormalise(g: OpBuilder, x: Value, { length, aligned }: Axis): Value {
  const half = (aligned ? length - 1 : length) / 2;
  return g.add(g.mul(x, g.scalar(half, x)), g.scalar((length - 1) / 2, x));
}

/** Folds places back between the outer centres, or edges, as mirrors there would. */
function reflect(g: OpBuilder, x: Value, { length, aligned }: Axis): Value {
  const low = aligned ? 0 : -0.5;
  const range = aligned ? length - 1 : length;
  if (range === 0) return g.mul(x, g.scalar(0, x));
  const from = g.sub(x, g.scalar(low, x));
  const periods = g.emit("Floor", [g.mul(from, g.scalar(0.5 / range, x))]);
  const within = g.sub(from, g.mul(periods, g.scalar(2 * range, x)));
  const back = g.emit("Abs", [g.sub(within, g.scalar(range, x))]);
  return g.sub(g.scalar(low + range, x), back);
}

const clamp = (g: OpBuilder, x: Value, { length }: Axis) =>
  g.emit("Clip", [x, g.scalar(0, x), g.scalar(length - 1, x)]);

/** A place outside the image, as the padding says; zeros are told by the taps. */
function inside(g: OpBuilder, x: Value, axis: Axis): Value {
  if (axis.padding === "border") return clamp(g, x, axis);
  return axis.padding === "reflection" ? reflect(g, x, axis) : x;
}

/** The tap of a whole number. */
function tap(g: OpBuilder, at: Value, axis: Axis, weight?: Value): Tap {
  const index = g.cast(clamp(g, inside(g, at, axis), axis), "int64");
  if (axis.padding !== "zeros") return { index, weight };
  const last = g.scalar(axis.length - 1, at);
  const there = g.cast(
    g.emit("And", [
      g.emit("GreaterOrEqual", [at, g.scalar(0, at)]),
      g.emit("LessOrEqual", [at, last]),
    ]),
    at.dtype,
  );
  return { index, weight: weight ? g.mul(weight, there) : there };
}

/** Weights of the elements from `first` on, for a place `t` after the element before it. */
const KERNELS: Record<string, (g: OpBuilder, t: Value) => { first: number; weights: Value[] }> = {
  linear: (g, t) => ({ first: 0, weights: [g.sub(g.scalar(1, t), t), t] }),
  // cubic pieces of slope a = −¾ at distance 1
  cubic: (g, t) => {
    const a = -0.75;
    const polynomial = (x: Value, ...factors: number[]) =>
      factors.slice(1).reduce(
        (sum, factor) => g.add(g.mul(sum, x), g.scalar(factor, x)),
        g.scalar(factors[0], x),
      );
    const near = (x: Value) => polynomial(x, a + 2, -(a + 3), 0, 1);
    const far = (x: Value) => polynomial(x, a, -5 * a, 8 * a, -4 * a);
    const [one, two] = [g.scalar(1, t), g.scalar(2, t)];
    return {
      first: -1,
      weights: [far(g.add(t, one)), near(t), near(g.sub(one, t)), far(g.sub(two, t))],
    };
  },
};

function tapsOf(g: OpBuilder, node: NodeView, x: Value, axis: Axis): Tap[] {
  const mode = node.string("mode", "linear").replace(/^bi/, "");
  const place = denormalise(g, x, axis);
  if (mode === "nearest") return [tap(g, inside(g, g.emit("Round", [place]), axis), axis)];
  const kernel = Object.hasOwn(KERNELS, mode) ? KERNELS[mode] : undefined;
  if (!kernel) {
    throw new UserError(
      `Cannot differentiate ${node.label}: its mode is "${mode}"`,
      "supported are linear, nearest and cubic",
    );
  }
  // With cubic pieces the padding decides the elements alone, not the place.
  const at = mode === "cubic" ? place : inside(g, place, axis);
  const before = g.emit("Floor", [at]);
  const { first, weights } = kernel(g, g.sub(at, before));
  return weights.map((weight, i) =>
    tap(g, g.add(before, g.scalar(first + i, before)), axis, weight)
  );
}

/** y = Σ w·X[index] over the taps of all axes, for each place of the grid */
function gridSample(g: OpBuilder, node: NodeView): Value {
  const [x, grid] = [node.input(0), node.input(1)];
  const [batch, channels, ...spatial] = x.shape;
  const places = grid.shape.slice(1, -1);
  const count = sizeOf(places);
  const exact = g.cast(grid, grid.dtype === "float16" ? "float32" : grid.dtype);
  const padding = node.string("padding_mode", "zeros");
  const aligned = node.int("align_corners", 0) === 1;
  const strides = stridesOf(spatial);
  let taps: Tap[] = [];
  spatial.forEach((length, i) => {
    // The grid names the last axis first.
    const at = spatial.length - 1 - i;
    const coordinate = g.reshape(g.slice(exact, -1, at, at + 1), [batch, count]);
    const own = tapsOf(g, node, coordinate, { length, aligned, padding }).map((one) => ({
      ...one,
      index: g.mul(one.index, g.scalar(strides[i], one.index)),
    }));
    taps = i === 0 ? own : taps.flatMap((a) =>
      own.map((b) => ({
        index: g.add(a.index, b.index),
        weight: a.weight && b.weight ? g.mul(a.weight, b.weight) : a.weight ?? b.weight,
      }))
    );
  });
  const elements = g.reshape(x, [batch, channels, sizeOf(spatial)]);
  const parts = taps.map(({ index, weight }) => {
    const all = g.expand(g.reshape(index, [batch, 1, count]), [batch, channels, count]);
    const values = g.emit("GatherElements", [elements, all], { axis: 2 });
    return weight ? g.mul(values, g.cast(g.reshape(weight, [batch, 1, count]), x.dtype)) : values;
  });
  return g.reshape(parts.reduce((a, b) => g.add(a, b)), [batch, channels, ...places]);
}

/** grid = θ·(x, y, 1)ᵀ for the elements' places x, y in −1..1 */
function affineGrid(g: OpBuilder, node: NodeView): Value {
  const theta = node.input(0);
  const [batch, , ...spatial] = node.parameter("size", 1) ?? [];
  const aligned = node.int("align_corners", 0) === 1;
  if (aligned && spatial.includes(1)) {
    throw new UserError(
      `Cannot differentiate ${node.label}: an axis of one element has no corners to align`,
      "export the model with align_corners = 0",
    );
  }
  const place = (i: number, length: number) =>
    aligned ? 2 * i / (length - 1) - 1 : (2 * i + 1) / length - 1;
  const strides = stridesOf(spatial);
  const columns = Array.from({ length: sizeOf(spatial) }, (_, p) => [
    ...spatial.map((length, i) => place(Math.floor(p / strides[i]) % length, length)).reverse(),
    1,
  ]);
  const rank = spatial.length;
  const places = g.constant(theta.dtype, [columns.length, rank + 1], columns.flat());
  const grid = g.matMul(places, g.transposeMatrix(theta));
  return g.reshape(grid, [batch, ...spatial, rank]);
}

/** Sampling. */
export const grid: LoweringTable = {
  GridSample: {
    inputs: ["X", "grid"],
    attributes: ["align_corners", "mode", "padding_mode"],
    lower: gridSample,
  },
  // Of an axis of one element with align_corners = 1 runtimes disagree.
  AffineGrid: { inputs: ["theta"], attributes: ["align_corners"], lower: affineGrid },
};
