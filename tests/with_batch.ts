import { graphOf, type OnnxModel, readModel, writeModel } from "../src/onnx/model.ts";

/** A model whose inputs and outputs declare a batch of this size where it was free. */
export function withBatch(model: OnnxModel, batch: number): OnnxModel {
  const copy = readModel(writeModel(model));
  const { input, output } = graphOf(copy);
  for (const { name, type } of [...input, ...output]) {
    if (type?.value.case !== "tensorType") throw new Error(`${name} is no tensor`);
    for (const dim of type.value.value.shape!.dim) {
      if (dim.value.case === "dimParam" && dim.value.value === "batch") {
        dim.value = { case: "dimValue", value: BigInt(batch) };
      }
    }
  }
  return copy;
}
