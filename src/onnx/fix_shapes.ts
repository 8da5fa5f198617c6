/**
 * Gives a model's free dimensions sizes, so that all shapes are known.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { findAttribute, floatAttribute, intAttribute } from "./attribute.ts";
import { fold } from "./fold.ts";
import { Graph } from "./graph.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import { NodeView } from "./node_view.ts";
import type { NodeProto, TensorProto } from "./proto/onnx_pb.ts";
import { makeTensor } from "./tensor.ts";
import type { Value } from "./value.ts";
import { type Declaration, declaration, staticType } from "./value_info.ts";

/**
 * Gives a model's inputs fixed shapes, infers every other shape, folds shape arithmetic into constants
 * and drops nodes that nothing reads. The result computes the same and shares the model's weights.
 *
 * @param shapes Shapes of inputs by name; only inputs with free dimensions need one.
 * @throws {UserError} A shape is missing, contradicts the model, has a size below 1 or names no
 * input; or the shapes inside the graph contradict each other.
 */
export function fixShapes(
  model: OnnxModel,
  shapes: Readonly<Record<string, readonly number[]>> = {},
): OnnxModel {
  const graph = graphOf(model);
  const g = new Graph(model);
  for (const tensor of graph.initializer) g.addInitializer(tensor);
  const inputs = graph.input.filter(({ name }) => !g.initializers.has(name));
  for (const name of Object.keys(shapes)) {
    if (inputs.some((input) => input.name === name)) continue;
    throw new UserError(
      `Cannot fix the shape of "${name}": the model has no such input`,
      `its inputs are ${inputs.map((input) => input.name).join(", ")}`,
    );
  }
  for (const info of inputs) g.addInput(fixed(declaration(info), info.name, shapes[info.name]));

  const declared = new Map(
    [...graph.valueInfo, ...graph.output].map((info) => [info.name, staticType(info)]),
  );
  for (const node of graph.node) {
    addFolded(g, node);
    for (const name of node.output) g.declare(name, declared.get(name));
  }
  return g.build(graph.output.map(({ name }) => outputOf(g, name)));
}

/**
 * Adds a node, or the constant that it is equal to.
 *
 * @throws {UserError} The node contradicts its inputs, as in a corrupt graph.
 */
function addFolded(g: Graph, node: NodeProto) {
  const view = new NodeView(node, g);
  try {
    const constant = constantNode(node) ?? fold(view, g);
    if (constant) g.addInitializer(constant);
    else g.addNode(node);
  } catch (cause) {
    if (cause instanceof UserError || !(cause instanceof Error)) throw cause;
    throw new UserError(
      `Cannot infer the shapes of ${view.label}: ${cause.message}`,
      "check that the model was downloaded whole, and that it takes inputs of these shapes",
      { cause },
    );
  }
}

/** The graph output of that name. @throws {UserError} Its shape is unknown; the error says why. */
function outputOf(g: Graph, name: string): Value {
  const value = g.values.get(name);
  if (value) return value;
  const unknown = g.nodes.find(({ output }) => output.some((out) => out && !g.values.has(out)));
  const node = unknown && new NodeView(unknown, g).label;
  throw new UserError(
    `Cannot infer the shape of model output "${name}": the output shape of ${node} is unknown`,
    "export the model with fixed shapes, so that it declares them all",
  );
}

/** The declared input with the caller's shape. */
function fixed(
  declared: Declaration | undefined,
  name: string,
  shape: readonly number[] | undefined,
): Value {
  if (!declared) {
    throw new UserError(`Cannot use model input "${name}": it is no tensor of known rank`);
  }
  const { dtype, dimensions } = declared;
  const wanted = `[${dimensions.map((size) => size ?? "?").join(", ")}]`;
  const result = shape ?? dimensions.filter((size) => typeof size === "number");
  const fits = result.length === dimensions.length &&
    result.every((size, axis) =>
      Number.isInteger(size) && size >= 1 &&
      (typeof dimensions[axis] !== "number" || dimensions[axis] === size)
    );
  if (!fits) {
    const got = shape ? `[${shape.join(", ")}]` : "none";
    throw new UserError(
      `Cannot fix the shape of model input "${name}": wanted one like ${wanted}, got ${got}`,
      "give every free dimension a size of at least 1",
    );
  }
  return { name, dtype, shape: result };
}

/** The tensor of a `Constant` node. */
function constantNode(node: NodeProto): TensorProto | undefined {
  if (node.opType !== "Constant") return undefined;
  const [name] = node.output;
  const tensor = findAttribute(node, "value")?.t;
  if (tensor) return changed(tensor, { name });
  const ints = findAttribute(node, "value_ints")?.ints.map(Number);
  if (ints) return makeTensor(name, "int64", [ints.length], ints);
  const floats = findAttribute(node, "value_floats")?.floats;
  if (floats) return makeTensor(name, "float32", [floats.length], floats);
  if (findAttribute(node, "value_int")) {
    return makeTensor(name, "int64", [], intAttribute(node, "value_int", 0));
  }
  if (findAttribute(node, "value_float")) {
    return makeTensor(name, "float32", [], floatAttribute(node, "value_float", 0));
  }
  return undefined;
}
