/**
 * Rules of pooling.
 *
 * @module
 */
import { lowest } from "../../onnx/dtype.ts";
import { UserError } from "../../errors.ts";
import { type Window, windowCounts, windowOf } from "../../onnx/infer/window.ts";
import { sizeOf, type Value } from "../../onnx/value.ts";
import type { AdjointContext, Rule, RuleTable } from "../rule.ts";
import { refold, unfold } from "../window_ops.ts";
import { share } from "./common.ts";

/** The number of elements that are averaged in each window along one axis. */
function averaged(
  window: Window,
  axis: number,
  size: number,
  count: number,
  padding: boolean,
): number[] {
  const { kernel, strides, dilations, begin, end } = window;
  const [low, high] = padding ? [-begin[axis], size + end[axis]] : [0, size];
  return Array.from({ length: count }, (_, i) => {
    const start = i * strides[axis] - begin[axis];
    const places = Array.from({ length: kernel[axis] }, (_, k) => start + k * dilations[axis]);
    return places.filter((place) => place >= low && place < high).length;
  });
}

/** Windows of more elements would need a matrix of their square. */
const LARGEST_WINDOW = 4096;

function poolWindow({ node, x: [x] }: AdjointContext): Window {
  const kernel = node.ints("kernel_shape") ?? [];
  if (sizeOf(kernel) > LARGEST_WINDOW) {
    throw new UserError(
      `Cannot differentiate ${node.label}: its windows have more than ${LARGEST_WINDOW} elements`,
      "replace it by a global pooling, or pool in steps",
    );
  }
  return windowOf(node, x.shape.slice(2), kernel);
}

/** The axes after batch and channels. */
const spatialAxes = (x: Value) => x.shape.map((_, axis) => axis).slice(2);

/** For y = (Σ|x|^p)^(1/p): ȳ / y^(p−1), 0 where y is 0; and sign x·|x|^(p−1). */
function normSlopes({ g, node, x: [x], y: [y], dy }: AdjointContext) {
  const p = node.int("p", 2);
  const sign = g.emit("Sign", [x]);
  if (p === 1) return { outer: dy, inner: sign };
  const zero = g.scalar(0, y);
  const power = g.emit("Pow", [y, g.scalar(p - 1, y)]);
  const outer = g.emit("Where", [g.emit("Greater", [y, zero]), g.div(dy, power), zero]);
  const inner = g.mul(sign, g.emit("Pow", [g.emit("Abs", [x]), g.scalar(p - 1, x)]));
  return { outer, inner };
}

/** Pooling. */
export const pool: RuleTable = {
  MaxPool: {
    inputs: ["X"],
    attributes: [
      "auto_pad",
      "ceil_mode",
      "dilations",
      "kernel_shape",
      "pads",
      "storage_order",
      "strides",
    ],
    notes: "Ties share the cotangent equally; the indices output gets none",
    adjoint: (context) => {
      const { g, x: [x], y: [y], dy } = context;
      const [n, c, ...counts] = y.shape;
      const window = poolWindow(context);
      return [() => {
        // x̄ = ȳ, put back where each window had its largest element
        const windows = unfold(g, x, window, counts, lowest(x.dtype));
        const k = sizeOf(window.kernel);
        const apart = g.reshape(windows, [n, c, k, ...counts]);
        const [largest, cotangent] = [y, dy].map((v) => g.reshape(v, [n, c, 1, ...counts]));
        const shared = share(g, "ReduceMax", apart, largest, cotangent, [2]);
        return refold(g, g.reshape(shared, windows.shape), window, x.shape.slice(2));
      }];
    },
  },

  AveragePool: {
    inputs: ["X"],
    attributes: [
      "auto_pad",
      "ceil_mode",
      "count_include_pad",
      "dilations",
      "kernel_shape",
      "pads",
      "strides",
    ],
    adjoint: (context) => {
      const { g, node, x: [x], dy } = context;
      const [n, c, ...counts] = dy.shape;
      const window = poolWindow(context);
      const padding = node.int("count_include_pad", 0) === 1;
      return [() => {
        // ȳ / n, n along each axis in turn; windows of padding alone have none
        const mean = counts.reduce((result, count, axis) => {
          const places = averaged(window, axis, x.shape[axis + 2], count, padding);
          const shape = counts.map((_, i) => i === axis ? count : 1);
          return g.mul(result, g.constant(dy.dtype, shape, places.map((m) => m && 1 / m)));
        }, dy);
        // x̄ = the sum of the windows each element was in
        const k = sizeOf(window.kernel);
        const repeated = g.expand(g.reshape(mean, [n, c, 1, ...counts]), [n, c, k, ...counts]);
        return refold(g, g.reshape(repeated, [n, c * k, ...counts]), window, x.shape.slice(2));
      }];
    },
  },

  LpPool: {
    inputs: ["X"],
    attributes: [
      "auto_pad",
      "ceil_mode",
      "dilations",
      "kernel_shape",
      "p",
      "pads",
      "strides",
    ],
    notes: "Zero at 0",
    adjoint: (context) => {
      const { g, x: [x], dy } = context;
      const [n, c, ...counts] = dy.shape;
      const window = poolWindow(context);
      return [() => {
        const k = sizeOf(window.kernel);
        const { outer, inner } = normSlopes(context);
        // x̄ = sign x·|x|^(p−1) · Σ ȳ / y^(p−1) over the windows each element was in
        const repeated = g.expand(g.reshape(outer, [n, c, 1, ...counts]), [n, c, k, ...counts]);
        const stacked = g.reshape(repeated, [n, c * k, ...counts]);
        return g.mul(inner, refold(g, stacked, window, x.shape.slice(2)));
      }];
    },
  },

  GlobalLpPool: {
    inputs: ["X"],
    attributes: ["p"],
    notes: "Zero at 0",
    // x̄ = sign x·|x|^(p−1) · ȳ / y^(p−1)
    adjoint: (context) => [() => {
      const { outer, inner } = normSlopes(context);
      return context.g.mul(inner, outer);
    }],
  },

  // y = Σ of the columns' elements at their places  ⇒  x̄ = ȳ's windows
  Col2Im: {
    inputs: ["input"],
    attributes: ["dilations", "pads", "strides"],
    adjoint: ({ g, node, x: [x], dy }) => [() => {
      const [, , ...spatial] = dy.shape;
      const window = windowOf(node, spatial, node.parameter("block_shape", 2) ?? []);
      return g.reshape(unfold(g, dy, window, windowCounts(window, spatial)), x.shape);
    }],
  },

  GlobalAveragePool: {
    inputs: ["X"],
    // x̄ = ȳ / n
    adjoint: ({ g, x: [x], dy }) => [() => {
      const n = sizeOf(x.shape.slice(2));
      return g.expand(g.mul(dy, g.scalar(1 / n, dy)), x.shape);
    }],
  },

  GlobalMaxPool: {
    inputs: ["X"],
    notes: "Ties share the cotangent equally",
    // x̄ = ȳ where x is the largest
    adjoint: ({ g, x: [x], y: [y], dy }) => [() => share(g, "ReduceMax", x, y, dy, spatialAxes(x))],
  } satisfies Rule,
};
