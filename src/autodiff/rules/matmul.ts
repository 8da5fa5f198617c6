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
      const [rowVector, columnVector] = [a.shape.length === 1, b.shape.length === 1];
      const left = rowVector ? g.reshape(a, [1, a.shape[0]]) : a;
      const right = columnVector ? g.reshape(b, [b.shape[0], 1]) : b;
      const batch = dy.shape.slice(
        0,
        dy.shape.length - (rowVector ? 0 : 1) - (columnVector ? 0 : 1),
      );
      const [rows, columns] = [left.shape.at(-2)!, right.shape.at(-1)!];
      const matrix = g.reshape(dy, [...batch, rows, columns]);
      return [
        // Ā = Ȳ·Bᵀ
        () => g.matMul(matrix, g.transposeMatrix(right)),
        // B̄ = Aᵀ·Ȳ
        () => {
          const product = g.matMul(g.transposeMatrix(left), matrix);
          return columnVector ? g.reshape(product, product.shape.slice(0, -1)) : product;
        },
      ];
    },
  },

  // Y = α·A·B + β·C, with A and B transposed if asked
  Gemm: {
    inputs: ["A", "B", "C"],
    attributes: ["alpha", "beta", "transA", "transB"],
    adjoint: ({ g, node, x: [a, b], dy }) => {
      const [transA, transB] = [node.int("transA", 0) === 1, node.int("transB", 0) === 1];
      const scaled = (name: string) => {
        const factor = node.float(name, 1);
        return factor === 1 ? dy : g.mul(dy, g.scalar(factor, dy));
      };
      const transposed = g.transposeMatrix.bind(g);
      return [
        () => {
          // Ā = α·Ȳ·Bᵀ
          const product = g.matMul(scaled("alpha"), transB ? b : transposed(b));
          return transA ? transposed(product) : product;
        },
        () => {
          // B̄ = α·Aᵀ·Ȳ
          const product = g.matMul(transA ? a : transposed(a), scaled("alpha"));
          return transB ? transposed(product) : product;
        },
        // C̄ = β·Ȳ, summed by the caller over the axes C was repeated along
        () => scaled("beta"),
      ];
    },
  },
};
