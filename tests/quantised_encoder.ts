import type { OnnxModel } from "../src/onnx/model.ts";
import { OpBuilder } from "../src/onnx/op_builder.ts";
import type { Value } from "../src/onnx/value.ts";

/** The operators of quantised networks, and one use of each on a tensor of the same shape. */
const USES: Readonly<Record<string, (g: OpBuilder, x: Value) => Value>> = {
  // As onnxruntime's dynamic quantisation writes a convolution.
  ConvInteger(g, x) {
    const scale = { dtype: "float32", shape: [] } as const;
    const rounded = { dtype: "uint8", shape: x.shape } as const;
    const zero = { dtype: "uint8", shape: [] } as const;
    const [q, s, z] = g.emitAll("DynamicQuantizeLinear", [x], {}, [rounded, scale, zero]);
    const weights = g.constant("uint8", [3, 3, 1, 1], new Uint8Array(9).fill(130));
    const of = [q, weights, z, g.constant("uint8", [], 128)];
    const [sum] = g.emitAll("ConvInteger", of, {}, [{ dtype: "int32", shape: x.shape }]);
    return g.mul(g.cast(sum, "float32"), s);
  },
  // As static quantisation writes one, in either of its forms.
  QLinearConv(g, x) {
    const [s, z] = [g.constant("float32", [], 0.01), g.constant("uint8", [], 128)];
    const rounded = { dtype: "uint8", shape: x.shape } as const;
    const [q] = g.emitAll("QuantizeLinear", [x, s, z], {}, [rounded]);
    const weights = g.constant("uint8", [3, 3, 1, 1], new Uint8Array(9).fill(130));
    const [y] = g.emitAll("QLinearConv", [q, s, z, weights, s, z, s, z], {}, [rounded]);
    return g.emitAll("DequantizeLinear", [y, s, z], {}, [x])[0];
  },
  QuantizeLinear(g, x) {
    const [s, z] = [g.constant("float32", [], 0.01), g.constant("uint8", [], 128)];
    const [q] = g.emitAll("QuantizeLinear", [x, s, z], {}, [{ dtype: "uint8", shape: x.shape }]);
    return g.emitAll("DequantizeLinear", [q, s, z], {}, [x])[0];
  },
  // Weights alone.
  DequantizeLinear(g, x) {
    const weights = g.constant("uint8", [3, 3, 1, 1], new Uint8Array(9).fill(130));
    const [s, z] = [g.constant("float32", [], 0.01), g.constant("uint8", [], 128)];
    const kernel = { dtype: "float32", shape: [3, 3, 1, 1] } as const;
    return g.emit("Conv", [x, g.emitAll("DequantizeLinear", [weights, s, z], {}, [kernel])[0]]);
  },
  MatMulInteger(g, x) {
    const size = x.shape[x.shape.length - 1];
    const rounded = { dtype: "uint8", shape: x.shape } as const;
    const [s, z] = [g.constant("float32", [], 0.01), g.constant("uint8", [], 128)];
    const [q] = g.emitAll("QuantizeLinear", [x, s, z], {}, [rounded]);
    const weights = g.constant("uint8", [size, size], new Uint8Array(size * size));
    const [sum] = g.emitAll("MatMulInteger", [q, weights], {}, [{
      dtype: "int32",
      shape: x.shape,
    }]);
    return g.cast(sum, "float32");
  },
  // Of ONNX Runtime's own domain.
  MatMulNBits: (g, x) => g.emitAll("MatMulNBits", [x], {}, [x], "com.microsoft")[0],
  DynamicQuantizeMatMul: (g, x) =>
    g.emitAll("DynamicQuantizeMatMul", [x], {}, [x], "com.microsoft")[0],
};

/** Names of the operators that {@link quantisedEncoder} knows. */
export const QUANTISED: readonly string[] = Object.keys(USES);

/** An image encoder that uses one of the operators of quantised networks, without shapes inside. */
export function quantisedEncoder(op: string, input: string, output: string): OnnxModel {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: input, dtype: "float32", shape: [1, 3, 64, 64] });
  const model = g.build([g.alias(g.emit("Neg", [USES[op](g, x)]), output)]);
  model.graph!.valueInfo = [];
  return model;
}
