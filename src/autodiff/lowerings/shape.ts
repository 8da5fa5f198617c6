/**
 * Operators that move elements, written as others that do; and some that runtimes do not have yet.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import { fromFront, type Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";

/** Moved elements, and new operators. */
export const shape: LoweringTable = {
  // y = x·σ(αx)
  Swish: {
    inputs: ["X"],
    attributes: ["alpha"],
    always: true,
    lower: (g, node) => {
      const x = node.input(0);
      return g.mul(x, g.emit("Sigmoid", [g.mul(x, g.scalar(node.float("alpha", 1), x))]));
    },
  },

  // y = a·σ(αa)·b
  SwiGLU: {
    inputs: ["A", "B"],
    attributes: ["alpha"],
    always: true,
    lower: (g, node) => {
      const [a, b] = [node.input(0), node.input(1)];
      const gate = g.emit("Sigmoid", [g.mul(a, g.scalar(node.float("alpha", 1), a))]);
      return g.mul(g.mul(a, gate), b);
    },
  },

  // y = Π of the elements up to each, in steps of 1, 2, 4, …
  CumProd: {
    inputs: ["x"],
    attributes: ["exclusive", "reverse"],
    lower: (g, node) => {
      const x = node.input(0);
      const axis = fromFront(node.parameter("axis", 1)?.[0] ?? 0, x.shape.length);
      const length = x.shape[axis];
      const backwards = node.int("reverse", 0) === 1;
      const none = x.shape.map(() => 0);
      const moved = (value: Value, by: number) => {
        const [gone, come] = [none.with(axis, -by), none.with(axis, by)];
        return backwards ? g.pad(value, gone, come, 1) : g.pad(value, come, gone, 1);
      };
      let y = node.int("exclusive", 0) === 1 ? moved(x, 1) : x;
      for (let by = 1; by < length; by *= 2) y = g.mul(y, moved(y, by));
      return y;
    },
  },

  // The middle of x, with zeros around it where it is smaller.
  CenterCropPad: {
    inputs: ["input_data"],
    attributes: ["axes"],
    lower: (g, node) => {
      const x = node.input(0);
      const axes = node.ints("axes") ?? x.shape.map((_, axis) => axis);
      const [before, after] = [x.shape.map(() => 0), x.shape.map(() => 0)];
      node.parameter("shape", 1)?.forEach((size, i) => {
        const axis = fromFront(axes[i], x.shape.length);
        const more = size - x.shape[axis];
        before[axis] = Math.trunc(more / 2);
        after[axis] = more - before[axis];
      });
      return g.pad(x, before, after);
    },
  },

  // The slices for which the condition holds
  Compress: {
    inputs: ["input"],
    attributes: ["axis"],
    lower: (g, node) => {
      const x = node.input(0);
      const condition = node.constant(1);
      if (!condition) {
        throw new UserError(
          `Cannot differentiate ${node.label}: the size of its output depends on the data`,
          "export the model with a condition that is a constant",
        );
      }
      const places = condition.flatMap((one, i) => one !== 0 ? [i] : []);
      const indices = g.constant("int64", [places.length], places);
      const flat = node.has("axis") ? x : g.reshape(x, [x.shape.reduce((a, b) => a * b, 1)]);
      return g.emit("Gather", [flat, indices], { axis: node.int("axis", 0) });
    },
  },

  // Updates replace the rows of a cache from each batch's place on.
  TensorScatter: {
    inputs: ["past_cache", "update"],
    attributes: ["axis", "mode"],
    lower: (g, node) => {
      const [cache, update, start] = [node.input(0), node.input(1), node.inputs[2]];
      const rank = cache.shape.length;
      const axis = fromFront(node.int("axis", -2), rank);
      const along = (at: number, size: number) => cache.shape.map((_, i) => i === at ? size : 1);
      const rows = update.shape[axis];
      let places = g.constant("int64", along(axis, rows), [...Array(rows).keys()]);
      if (start) places = g.add(places, g.reshape(start, along(0, cache.shape[0])));
      if (node.string("mode", "linear") === "circular") {
        places = g.emit("Mod", [places, g.scalar(cache.shape[axis], places)]);
      }
      return g.emit("ScatterElements", [cache, g.expand(places, update.shape), update], { axis });
    },
  },

  // Runtimes do not know the other mode, where the channels stand before their block's rows and columns.
  SpaceToDepth: {
    inputs: ["input"],
    attributes: ["blocksize", "mode"],
    lower: (g, node) => {
      if (node.string("mode", "DCR") === "DCR") return undefined;
      const x = node.input(0);
      const [n, c, h, w] = x.shape;
      const b = node.int("blocksize", 1);
      const apart = g.transpose(g.reshape(x, [n, c, h / b, b, w / b, b]), [0, 1, 3, 5, 2, 4]);
      return g.reshape(apart, [n, c * b ** 2, h / b, w / b]);
    },
  },
};
