/**
 * Random nodes of a graph become inputs.
 *
 * @module
 */
import { floatAttribute } from "./attribute.ts";
import { fixShapes } from "./fix_shapes.ts";
import { Graph } from "./graph.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import { type Rewrite, rewrite } from "./rewrite.ts";
import type { Value } from "./value.ts";

const RANDOM = new Set(["RandomNormal", "RandomNormalLike"]);

/** A model without random nodes. */
export interface CutModel {
  /** The model with fixed shapes, and one more input for each random node it had. */
  readonly model: OnnxModel;
  /**
   * The added inputs, in the order of the random nodes. Each is named after the node's output,
   * `<output>_normal`.
   */
  readonly inputs: readonly Value[];
}

/**
 * Replaces every `RandomNormal` and `RandomNormalLike` node by a graph input, so that the caller draws
 * the numbers: the same seed gives the same result on every backend.
 *
 * The inputs take standard normal numbers. The graph applies the mean and the scale of a node.
 *
 * @param shapes Shapes of inputs with free dimensions, as for {@linkcode fixShapes}.
 * @throws {UserError} A shape is missing.
 */
export function cutRandomness(
  model: OnnxModel,
  shapes: Readonly<Record<string, readonly number[]>> = {},
): CutModel {
  const source = Graph.from(fixShapes(model, shapes));
  const inputs: Value[] = [];
  const drawOutside: Rewrite = (g, { proto }) => {
    const value = source.value(proto.output[0]);
    const input = g.addInput({ ...value, name: g.fresh(`${value.name}_normal`) });
    inputs.push(input);
    // mean + scale·ε
    const [mean, scale] = [floatAttribute(proto, "mean", 0), floatAttribute(proto, "scale", 1)];
    if (mean === 0 && scale === 1) return [input];
    return [g.add(g.mul(input, g.scalar(scale, input)), g.scalar(mean, input))];
  };
  const g = rewrite(source, model, ({ opType }) => RANDOM.has(opType) ? drawOutside : undefined);
  const outputs = graphOf(model).output.map(({ name }) => g.value(name));
  return { model: g.build(outputs), inputs };
}
