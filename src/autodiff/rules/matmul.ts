/**
 * Rules of matrix products.
 *
 * @module
 */
import type { RuleTable } from "../rule.ts";

/** Matrix products. */
export const matmul: RuleTable = {
  MatMul: {
    inputs: ["A", "B"],
    adjoint: ({ g, x: [a, b], dy }) => {
      // A vector is a matrix of one row (A) or one column (B).
      const rows = a.shape.length === 1 ? g.reshape(a, [1, a.shape[0]]) : a;
      const columns = b.shape.length === 1 ? g.reshape(b, [b.shape[0], 1]) : b;
      const batch = dy.shape.slice(
        0,
        dy.shape.length - (a === rows ? 1 : 0) - (b === columns ? 1 : 0),
      );
      const [m, n] = [rows.shape[rows.shape.length - 2], columns.shape[columns.shape.length - 1]];
      const matrix = g.reshape(dy, [...batch, m, n]);
      return [
        // Ā = Ȳ·Bᵀ
        () => g.matMul(matrix, g.transposeMatrix(columns)),
        // B̄ = Aᵀ·Ȳ
        () => {
          const product = g.matMul(g.transposeMatrix(rows), matrix);
          return b === columns ? product : g.reshape(product, [...batch, b.shape[0]]);
        },
      ];
    },
  },
};
