/** A derivative: names of the tensors that it is of and with respect to. */
export interface Derivative {
  readonly of: string;
  readonly wrt: readonly string[];
}

/**
 * Gives a model's free dimensions sizes, so that all shapes are known.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { findAttribute, floatAttribute, intAttribute } from "./attribute.ts";
import { fold } from "./fold.ts";
import { ancestors, isShape, readNames } from "./graph.ts";
import { inline, type Inlining } from "./inline.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import { NodeView, withNode } from "./node_view.ts";
import { OpBuilder } from "./op_builder.ts";
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from "./proto/onnx_pb.ts";
import { makeTensor } from "./tensor.ts";
import type { Value } from "./value.ts";
import { declaration, elementTypeName, staticType } from "./value_info.ts";

/** A derivative: names of the tensors that it is of and with respect to. */
export interface Derivative {
  readonly of: string;
  readonly wrt: readonly string[];
}

/**
 * Gives a model's inputs fixed shapes, writes out functions and branches that constants decide, infers every other shape, folds shape arithmetic into constants
 * and drops nodes that nothing reads. The result computes the same and shares the model's weights.
 *
 * @param shapes Shapes of inputs by name; only inputs with free dimensions need one.
 * @param along The derivative that is wanted. On its way, loops are unrolled, and branches that data
 * decide become a selection.
 * @throws {UserError} A shape is missing, contradicts the model, has a size below 1 or names no
 * input; or the shapes inside the graph contradict each other.
 */
export function fixShapes(
  model: OnnxModel,
  shapes: Readonly<Record<string, readonly number[]>> = {},
  along?: Derivative,
): OnnxModel {
  const graph = graphOf(model);
  const g = new OpBuilder(model);
  g.reserve(namesIn(graph));
  for (const tensor of graph.initializer) g.addInitializer(tensor);
  const inputs = graph.input.filter(({ name }) => !g.initializers.has(name));
  for (const name of Object.keys(shapes)) {
    if (inputs.some((input) => input.name === name)) continue;
    throw new UserError(
      `Cannot fix the shape of "${name}": the model has no such input`,
      `its inputs are ${inputs.map((input) => input.name).join(", ")}`,
    );
  }
  for (const info of inputs) g.addInput(fixed(info, shapes[info.name]));

  const declared = new Map(
    [...graph.valueInfo, ...graph.output].map((info) => [info.name, staticType(info)]),
  );
  const influenced = new Set(along?.wrt);
  const needed = along ? ancestors(graph.node, along.of) : new Set<string>();
  const add = (node: NodeProto, onWay: boolean) => {
    const touched = readNames(node).some((name) => influenced.has(name));
    if (touched) node.output.forEach((name) => influenced.add(name));
    const body = {
      g,
      functions: model.functions,
      along: onWay && touched,
      add: (inner: NodeProto) => add(inner, onWay),
    };
    addFolded(body, node);
  };
  for (const node of graph.node) {
    add(node, node.output.some((name) => needed.has(name)));
    for (const name of node.output) g.declare(name, declared.get(name));
  }
  return g.build(graph.output.map(({ name }) => outputOf(g, name)));
}

/** Every name that a graph and its subgraphs define, those of nodes among them. */
function namesIn({ initializer, input, node }: GraphProto): string[] {
  return [
    ...[...initializer, ...input].map(({ name }) => name),
    ...node.flatMap(({ name, output, attribute }) => [
      name,
      ...output,
      ...attribute.flatMap(({ g }) => g ? namesIn(g) : []),
    ]),
  ];
}

/**
 * Adds a node, the constant that it is equal to, or the nodes that it runs.
 *
 * @throws {UserError} The node contradicts its inputs, as in a corrupt graph.
 */
function addFolded(at: Inlining, node: NodeProto) {
  const { g } = at;
  const view = new NodeView(node, g);
  withNode(view, "infer the shapes of", () => {
    if (inline(at, node)) return;
    const constant = constantNode(node) ?? fold(view, g);
    if (constant) g.addInitializer(constant);
    else g.addNode(node);
  });
}

/** The graph output of that name. @throws {UserError} Its shape is unknown; the error says why. */
function outputOf(g: OpBuilder, name: string): Value {
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
  info: ValueInfoProto,
  shape: readonly number[] | undefined,
): Value {
  const { name } = info;
  const declared = declaration(info);
  if (!declared) {
    const type = elementTypeName(info);
    throw new UserError(
      `Cannot use model input "${name}": ${
        type ? `its element type is ${type}` : "it is not a tensor of known rank"
      }`,
      type ? "use the model's float32 or float16 files" : "export the model with tensors as inputs",
    );
  }
  const { dtype, dimensions } = declared;
  const wanted = `[${dimensions.map((size) => size ?? "?").join(", ")}]`;
  const result = shape ?? dimensions.filter((size) => typeof size === "number");
  const fits = result.length === dimensions.length &&
    result.every((size, axis) =>
      Number.isInteger(size) && size >= 1 &&
      (typeof dimensions[axis] !== "number" || dimensions[axis] === size)
    ) && isShape(result);
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
