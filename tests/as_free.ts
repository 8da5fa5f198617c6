import { graphOf, type OnnxModel, readModel, writeModel } from "../src/onnx/model.ts";

/** Copies a model, and declares the dimensions of its one input and one output; texts are free. */
export function asFree(
  model: OnnxModel,
  input: readonly (number | string)[],
  output: readonly (number | string)[],
): OnnxModel {
  const copy = readModel(writeModel(model));
  const graph = graphOf(copy);
  for (const [info, sizes] of [[graph.input[0], input], [graph.output[0], output]] as const) {
    const type = info.type!.value;
    if (type.case !== "tensorType") throw new Error(`${info.name} is no tensor`);
    type.value.shape!.dim.forEach((dim, axis) => {
      const size = sizes[axis];
      dim.value = typeof size === "number"
        ? { case: "dimValue", value: BigInt(size) }
        : { case: "dimParam", value: size };
    });
  }
  return copy;
}
