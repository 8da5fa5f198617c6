/**
 * Adding operators before and after a model, which must have fixed shapes.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { graphOf, type Model } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import { readNames } from "./prune.ts";
import type { Value } from "./value.ts";

/** Emits operators on a tensor and returns their result. */
export type Emit = (g: OpBuilder, value: Value) => Value;

/**
 * Puts operators before one of a model's inputs, which a new input takes the place of.
 *
 * @param name The model's input.
 * @param input The new input; its name must be free.
 * @param emit Emits the operators on the new input; their result must have the old one's shape and
 * element type.
 * @throws {UserError} The model has no such input.
 *
 * @example
 * ```ts
 * import { prepend } from "./compose.ts";
 * import { fixShapes } from "./fix_shapes.ts";
 * import { readModel } from "./model.ts";
 *
 * // An encoder of pictures in 0..1 instead of −1..1: sample = 2·image − 1
 * const url = new URL("../../models/emoji-64/vae_encoder/model.onnx", import.meta.url);
 * const shape = [1, 3, 64, 64];
 * const encoder = fixShapes(readModel(await Deno.readFile(url)), { sample: shape });
 * const image = { name: "image", dtype: "float32", shape } as const;
 * const model = prepend(encoder, "sample", image, (g, x) =>
 *   g.sub(g.mul(x, g.scalar(2, x)), g.scalar(1, x)));
 * console.assert(model.graph!.input[0].name === "image");
 * ```
 */
export function prepend(model: Model, name: string, input: Value, emit: Emit): Model {
  const source = OpBuilder.from(model);
  if (!source.inputs.some((other) => other.name === name)) {
    throw new UserError(
      `Cannot put operators before "${name}": the model has no such input`,
      `its inputs are ${source.inputs.map((other) => other.name).join(", ")}`,
    );
  }
  const g = new OpBuilder(model);
  g.reserve(namesIn(model));
  for (const tensor of source.initializers.values()) g.addInitializer(tensor);
  for (const other of source.inputs) g.addInput(other.name === name ? input : other);
  g.rename(emit(g, input), name);
  for (const node of source.nodes) g.addNode(node);
  for (const [known, value] of source.values) g.declare(known, value);
  return g.build(graphOf(model).output.map((output) => g.value(output.name)));
}

/**
 * Puts operators after one of a model's outputs, which their result takes the place of.
 *
 * @param name The model's output.
 * @param result The name of the new output, which must be free.
 * @param emit Emits the operators.
 * @throws {UserError} The model has no such output.
 *
 * @example
 * ```ts
 * import { append } from "./compose.ts";
 * import { fixShapes } from "./fix_shapes.ts";
 * import { readModel } from "./model.ts";
 *
 * // The mean of the posterior alone: the first half of the channels
 * const url = new URL("../../models/emoji-64/vae_encoder/model.onnx", import.meta.url);
 * const encoder = fixShapes(readModel(await Deno.readFile(url)), { sample: [1, 3, 64, 64] });
 * const model = append(encoder, "latent_parameters", "mean", (g, y) => g.slice(y, 1, 0, 4));
 * console.assert(model.graph!.output[0].name === "mean");
 * ```
 */
export function append(model: Model, name: string, result: string, emit: Emit): Model {
  const g = OpBuilder.from(model);
  g.reserve(namesIn(model));
  const outputs = graphOf(model).output.map((output) => output.name);
  if (!outputs.includes(name)) {
    throw new UserError(
      `Cannot put operators after "${name}": the model has no such output`,
      `its outputs are ${outputs.join(", ")}`,
    );
  }
  const added = g.rename(emit(g, g.value(name)), result);
  return g.build(outputs.map((output) => output === name ? added : g.value(output)));
}

/** Every name in a model's graph. */
function namesIn(model: Model): string[] {
  const { node, input, initializer } = graphOf(model);
  return [
    ...node.flatMap((one) => [...readNames(one), ...one.output]),
    ...[...input, ...initializer].map(({ name }) => name),
  ];
}
