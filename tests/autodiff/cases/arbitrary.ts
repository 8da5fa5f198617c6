/**
 * Random uses of operators, by fast-check. For tests.
 *
 * @module
 */
import fc from "../../fast_check.ts";
import type { OpCase, Operand } from "../op_case.ts";

/** Uses of operators: by name, a random one. */
export type CaseTable = Readonly<Record<string, fc.Arbitrary<OpCase>>>;

/** A use of an operator, all but its name and seed. */
export type Use = Omit<OpCase, "op" | "seed">;

/** Random uses of one operator. */
export function uses(op: string, use: fc.Arbitrary<Use>): fc.Arbitrary<OpCase> {
  return fc.tuple(use, fc.nat(9999)).map(([rest, seed]) => ({ ...rest, op, seed }));
}

/** A small size. */
export const size = fc.integer({ min: 1, max: 4 });

/** A small shape of one to three axes. */
export const anyShape = fc.array(size, { minLength: 1, maxLength: 3 });

/** A shape and another that broadcasts with it to the same or a larger one. */
export const broadcastPair: fc.Arbitrary<[number[], number[]]> = fc
  .tuple(anyShape, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.nat(2), fc.boolean())
  .map(([shape, ones, drop, swap]) => {
    const other = shape.map((n, axis) => ones[axis] ? 1 : n).slice(
      Math.min(drop, shape.length - 1),
    );
    return swap ? [other, shape] : [shape, other];
  });

/** Constant integers: axes, pads, shapes. */
export function ints(values: readonly number[]): Operand {
  return { shape: [values.length], dtype: "int64", values };
}

/** A random element of a list. */
export function oneOf<const T>(...values: T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...values);
}

/** Uses of an operator of one input of any shape. */
export function unary(
  op: string,
  range?: readonly [number, number],
  attributes: fc.Arbitrary<OpCase["attributes"]> = fc.constant({}),
  opset = 18,
): fc.Arbitrary<OpCase> {
  return uses(
    op,
    fc.record({ shape: anyShape, attributes }).map(({ shape, attributes }) => ({
      opset,
      attributes,
      operands: [{ shape, range }],
    })),
  );
}

/** Tables of {@linkcode unary} uses. */
export function unaries(ops: readonly string[], range?: readonly [number, number]): CaseTable {
  return Object.fromEntries(ops.map((op) => [op, unary(op, range)]));
}

export { fc };
