/**
 * Shapes of Fourier transforms. The last axis has a number's real and imaginary part.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import type { NodeView } from "../node_view.ts";
import { fromFront } from "../value.ts";
import type { InferTable } from "./rule.ts";

/** A transform along one axis. */
export interface Transform {
  readonly axis: number;
  /** Elements of the signal. */
  readonly length: number;
  /** Elements of the result along the axis. */
  readonly bins: number;
  readonly inverse: boolean;
  /** The spectrum has half the bins, since the signal is real. */
  readonly onesided: boolean;
}

/** The transform that a DFT node computes. @throws {UserError} It depends on data. */
export function transformOf(node: NodeView): Transform {
  const { shape } = node.input(0);
  const [given, place] = [1, 2].map((index) => {
    const values = node.constant(index);
    if (values || !node.proto.input[index]) return values?.[0];
    throw new UserError(
      `Cannot use ${node.label}: its length or axis depends on the data`,
      "export the model so that shapes follow from the input's shape alone",
    );
  });
  const axis = fromFront(
    place ?? node.int("axis", node.opset < 20 ? 1 : -2),
    shape.length,
  );
  const [inverse, onesided] = ["inverse", "onesided"].map((name) => node.int(name, 0) === 1);
  const length = given ?? (inverse && onesided ? 2 * (shape[axis] - 1) : shape[axis]);
  const bins = onesided && !inverse ? Math.floor(length / 2) + 1 : length;
  return { axis, length, bins, inverse, onesided };
}

/** Fourier transforms. */
export const fourier: InferTable = {
  DFT: (node) => {
    const { dtype, shape } = node.input(0);
    const { axis, bins, inverse, onesided } = transformOf(node);
    const parts = inverse && onesided ? 1 : 2;
    return [{ dtype, shape: shape.with(axis, bins).with(shape.length - 1, parts) }];
  },

  STFT: (node) => {
    const { dtype, shape: [batch, size] } = node.input(0);
    const [step, length] = [
      node.constant(1)?.[0],
      node.inputs[2]?.shape[0] ?? node.constant(3)?.[0],
    ];
    if (!step || !length) return [undefined];
    const bins = node.int("onesided", 1) === 1 ? Math.floor(length / 2) + 1 : length;
    return [{ dtype, shape: [batch, Math.floor((size - length) / step) + 1, bins, 2] }];
  },
};
