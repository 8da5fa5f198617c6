/**
 * Shapes of matrix products and attention.
 *
 * @module
 */
import { broadcastShapes } from "../value.ts";
import type { InferTable } from "./rule.ts";

/** Matrix products. */
export const contract: InferTable = {
  MatMul: (node) => {
    const { dtype, shape: a } = node.input(0);
    const b = node.input(1).shape;
    const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
    const rows = a.length > 1 ? [a[a.length - 2]] : [];
    const columns = b.length > 1 ? [b[b.length - 1]] : [];
    return [{ dtype, shape: [...batch, ...rows, ...columns] }];
  },

  Gemm: (node) => {
    const { dtype, shape: a } = node.input(0);
    const b = node.input(1).shape;
    const rows = node.int("transA", 0) === 1 ? a[1] : a[0];
    const columns = node.int("transB", 0) === 1 ? b[0] : b[1];
    return [{ dtype, shape: [rows, columns] }];
  },

  Attention: (node) => {
    const { dtype, shape: q } = node.input(0);
    const v = node.input(2).shape;
    if (q.length === 4) return [{ dtype, shape: [...q.slice(0, 3), v[3]] }];
    const headSize = v[2] / node.int("kv_num_heads", 1);
    return [{ dtype, shape: [q[0], q[1], node.int("q_num_heads", 1) * headSize] }];
  },
};
