/**
 * Fourier transforms, as products with matrices of cosines and sines.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import { transformOf } from "../../onnx/infer/fourier.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";
import { alongAxis } from "../rules/common.ts";

/** Real part and, where there is one, imaginary part of numbers whose parts are the last axis. */
function partsOf(g: OpBuilder, x: Value): [real: Value, imaginary: Value | undefined] {
  const shape = x.shape.slice(0, -1);
  const part = (i: number) => g.reshape(g.slice(x, -1, i, i + 1), shape);
  return [part(0), x.shape[x.shape.length - 1] === 2 ? part(1) : undefined];
}

/** The matrix [rows, columns] of a function of row · column, for 2π/length each. */
function waves(
  g: OpBuilder,
  like: Value,
  [rows, columns]: readonly [number, number],
  length: number,
  wave: (angle: number, column: number) => number,
): Value {
  const values = Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    // Elements beyond the length are cut off.
    return column < length ? wave(2 * Math.PI * ((row * column) % length) / length, column) : 0;
  });
  return g.constant(like.dtype, [rows, columns], values);
}

/** Re and Im joined as a last axis. */
function joined(g: OpBuilder, ...parts: Value[]): Value {
  const rank = parts[0].shape.length;
  return g.concat(parts.map((part) => g.reshape(part, [...part.shape, 1])), rank);
}

/** Y_k = Σ xₙ·e^(∓2πi·kn/L), a part L-th of it for the inverse */
function transform(
  g: OpBuilder,
  [real, imaginary]: readonly [Value, Value | undefined],
  axis: number,
  { length, bins, inverse }: { length: number; bins: number; inverse: boolean },
): [Value, Value] {
  const size = [bins, real.shape[axis]] as const;
  const scale = inverse ? 1 / length : 1;
  const sign = inverse ? 1 : -1;
  const cosines = waves(g, real, size, length, (angle) => scale * Math.cos(angle));
  const sines = waves(g, real, size, length, (angle) => sign * scale * Math.sin(angle));
  const times = (matrix: Value, x: Value) => alongAxis(g, matrix, x, axis);
  if (!imaginary) return [times(cosines, real), times(sines, real)];
  return [
    g.sub(times(cosines, real), times(sines, imaginary)),
    g.add(times(sines, real), times(cosines, imaginary)),
  ];
}

/** xₙ = Σ cₖ·Re(Yₖ·e^(2πi·kn/L)) / L over half the bins; cₖ counts each and its mirror image */
function realInverse(
  g: OpBuilder,
  [real, imaginary]: readonly [Value, Value | undefined],
  axis: number,
  length: number,
): Value {
  const size = [length, real.shape[axis]] as const;
  const weight = (bin: number) => {
    if (2 * bin > length) return 0;
    return (bin === 0 || 2 * bin === length ? 1 : 2) / length;
  };
  const cosines = waves(g, real, size, length, (angle, bin) => weight(bin) * Math.cos(angle));
  const sines = waves(g, real, size, length, (angle, bin) => weight(bin) * Math.sin(angle));
  const even = alongAxis(g, cosines, real, axis);
  return imaginary ? g.sub(even, alongAxis(g, sines, imaginary, axis)) : even;
}

/** Frames of a signal [batch, length, parts] times a window, transformed: [batch, frames, bins, 2] */
function shortTime(g: OpBuilder, node: NodeView): Value {
  const [signal, window] = [node.input(0), node.inputs[2]];
  const [step, length] = [node.constant(1)?.[0], window?.shape[0] ?? node.constant(3)?.[0]];
  if (!step || !length) {
    throw new UserError(
      `Cannot differentiate ${node.label}: its frames depend on the data`,
      "export the model with a frame step and a frame length that are constants",
    );
  }
  const frames = Math.floor((signal.shape[1] - length) / step) + 1;
  const places = Array.from(
    { length: frames * length },
    (_, i) => Math.floor(i / length) * step + i % length,
  );
  const indices = g.constant("int64", [frames, length], places);
  const framed = partsOf(g, signal).map((part) => {
    if (!part) return undefined;
    const frame = g.emit("Gather", [part, indices], { axis: 1 });
    return window ? g.mul(frame, window) : frame;
  });
  const bins = node.int("onesided", 1) === 1 ? Math.floor(length / 2) + 1 : length;
  return joined(g, ...transform(g, [framed[0]!, framed[1]], 2, { length, bins, inverse: false }));
}

/** Fourier transforms. */
export const fourier: LoweringTable = {
  DFT: {
    inputs: ["input"],
    attributes: ["axis", "inverse", "onesided"],
    lower: (g, node) => {
      const how = transformOf(node);
      const parts = partsOf(g, node.input(0));
      if (how.inverse && how.onesided) {
        return joined(g, realInverse(g, parts, how.axis, how.length));
      }
      return joined(g, ...transform(g, parts, how.axis, how));
    },
  },

  STFT: { inputs: ["signal", "window"], attributes: ["onesided"], lower: shortTime },
};
