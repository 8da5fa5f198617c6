/**
 * Operators that move elements, written as a transpose.
 *
 * @module
 */
import type { LoweringTable } from "../rule.ts";

/** Operators that move elements, and one that runtimes do not have yet. */
export const shape: LoweringTable = {
  // y = x·σ(αx)
  Swish: {
    inputs: ["X"],
    attributes: ["alpha"],
    lower: (g, node) => {
      const x = node.input(0);
      return g.mul(x, g.emit("Sigmoid", [g.mul(x, g.scalar(node.float("alpha", 1), x))]));
    },
  },

  // The channels stand before their block's rows and columns, which runtimes do not know yet.
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
