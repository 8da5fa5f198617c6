/**
 * Functions, branches and loops are replaced by the nodes that they run, and `CastLike` by a cast.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { UserError } from "../errors.ts";
import { findAttribute, makeAttributes } from "./attribute.ts";
import { dataTypeCode, isFloat } from "./dtype.ts";
import { readNames } from "./graph.ts";
import { changed } from "./message.ts";
import { writeOutMicrosoft } from "./inline_microsoft.ts";
import { isStandard, NodeView } from "./node_view.ts";
import type { OpBuilder } from "./op_builder.ts";
import {
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from "./proto/onnx_pb.ts";
import { tensorValues } from "./tensor.ts";
import { fromFront, sameShape, type Value } from "./value.ts";

/** A loop that would become more nodes than this is kept. */
const MOST_NODES = 20_000;

/** The graph that a node is inlined into. */
export interface Inlining {
  readonly g: OpBuilder;
  /** The functions of the model. */
  readonly functions: readonly FunctionProto[];
  /** The node is to be differentiated: loops are unrolled, both branches are computed. */
  readonly along: boolean;
  /** Adds a node of a body. */
  readonly add: (node: NodeProto) => void;
}

/** The nodes of a function or of a subgraph. */
interface Body {
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Adds the nodes that a node runs in its place: those of a function of the model, of the branch that a
 * constant condition takes, of the iterations of a loop. The outputs keep their names.
 *
 * @returns True if it did; otherwise the node is to be added as it is.
 */
export function inline(at: Inlining, node: NodeProto): boolean {
  const called = at.functions.find(({ domain, name, overload }) =>
    domain === node.domain && name === node.opType && overload === node.overload
  );
  if (called) return inlineFunction(at, node, called);
  const view = new NodeView(node, at.g);
  if (node.domain === "com.microsoft") return at.along && inlineMicrosoft(at, view);
  if (!isStandard(node)) return false;
  if (node.opType === "CastLike") return castLike(at, view);
  if (node.opType === "If") return inlineIf(at, view);
  const constant = readNames(node).every((name) => at.g.initializers.has(name));
  if (!at.along && !constant) return false;
  if (node.opType === "Loop") return unrollLoop(at, view);
  return node.opType === "Scan" && unrollScan(at, view);
}

/** A copy of a node with other names; those of its subgraphs are changed alike. */
export function renameNode(node: NodeProto, rename: (name: string) => string): NodeProto {
  const inner = (graph: GraphProto) =>
    changed(graph, {
      node: graph.node.map((one) => renameNode(one, rename)),
      output: graph.output.map((one) => changed(one, { name: rename(one.name) })),
    });
  return changed(node, {
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: node.attribute.map((one) => one.g ? changed(one, { g: inner(one.g) }) : one),
  });
}

/** The names that a body reads and does not define. */
function captured({ node, initializer, inputs, outputs }: Body): string[] {
  const own = new Set([...inputs, ...initializer.map(({ name }) => name)]);
  for (const { output } of node) for (const name of output) own.add(name);
  const read = new Set([...node.flatMap(readNames), ...outputs]);
  return [...read].filter((name) => !own.has(name));
}

/**
 * Adds a body's nodes under fresh names.
 *
 * @param names Names outside for names inside: arguments, and captured names that are replaced.
 * @returns Names of the body's outputs.
 */
function addBody({ g, add }: Inlining, body: Body, names: Map<string, string>): string[] {
  const rename = (name: string) => names.get(name) ?? name;
  for (const tensor of body.initializer) {
    names.set(tensor.name, g.fresh(tensor.name));
    g.addInitializer(changed(tensor, { name: rename(tensor.name) }));
  }
  for (const node of body.node) {
    for (const name of node.output) if (name !== "") names.set(name, g.fresh(name));
    // Runtimes want the names of nodes to be unique, too.
    add(changed(renameNode(node, rename), { name: node.name && g.fresh(node.name) }));
  }
  return body.outputs.map(rename);
}

/** Gives tensors of the graph the names of a node's outputs. */
function bind({ add }: Inlining, { proto }: NodeView, results: readonly string[]): true {
  results.forEach((name, i) => {
    const output = proto.output[i];
    if (!output || !name) return;
    add(create(NodeProtoSchema, { opType: "Identity", input: [name], output: [output] }));
  });
  return true;
}

function inlineFunction(at: Inlining, node: NodeProto, called: FunctionProto): boolean {
  const standard = called.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  // Another operator set may mean something else by the same names.
  if (standard && Number(standard.version) !== at.g.opset) return false;
  const given = new Map(called.attributeProto.map((one) => [one.name, one]));
  for (const one of node.attribute) given.set(one.name, one);
  const body = {
    node: called.node.map((one) => withArguments(one, given)),
    initializer: [],
    inputs: called.input,
    outputs: called.output,
  };
  const names = new Map(called.input.map((name, i) => [name, node.input[i] ?? ""]));
  return bind(at, new NodeView(node, at.g), addBody(at, body, names));
}

/** A node of a function's body, with the attributes of the call for those it refers to. */
function withArguments(node: NodeProto, given: ReadonlyMap<string, AttributeProto>): NodeProto {
  const attribute = node.attribute.flatMap((one) => {
    if (one.g) {
      const inner = one.g.node.map((nested) => withArguments(nested, given));
      return [changed(one, { g: changed(one.g, { node: inner }) })];
    }
    if (one.refAttrName === "") return [one];
    const value = given.get(one.refAttrName);
    return value ? [changed(value, { name: one.name })] : [];
  });
  return changed(node, { attribute });
}

/** A cast to another tensor's type is a cast to the type that this has. */
function castLike({ add }: Inlining, { proto, inputs: [, like] }: NodeView): boolean {
  if (!like) return false;
  add(create(NodeProtoSchema, {
    opType: "Cast",
    name: proto.name,
    input: [proto.input[0]],
    output: proto.output,
    attribute: makeAttributes({ to: dataTypeCode(like.dtype) }),
  }));
  return true;
}

/** An operator of com.microsoft that consists of others is written out. */
function inlineMicrosoft(at: Inlining, view: NodeView): boolean {
  const values = writeOutMicrosoft(at.g, view);
  return values !== undefined && bind(at, view, values.map((value) => value?.name ?? ""));
}

/** The subgraph of an attribute. */
function subgraph({ proto }: NodeView, attribute: string): Body | undefined {
  const graph = findAttribute(proto, attribute)?.g;
  if (!graph || graph.sparseInitializer.length > 0) return undefined;
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  const { node, initializer, input, output } = graph;
  return { node, initializer, inputs: names(input), outputs: names(output) };
}

/**
 * The branch that a constant condition takes. Along what is differentiated, the condition may depend
 * on data: then both branches are computed and the condition selects their outputs. Each branch gets
 * zeros for its inputs where it is not taken, so that no NaN comes back from it.
 */
function inlineIf(at: Inlining, view: NodeView): boolean {
  const { g, along } = at;
  const branches = [subgraph(view, "then_branch"), subgraph(view, "else_branch")];
  const [taken, other] = branches;
  if (!taken || !other) return false;
  const known = view.constant(0);
  if (known) return bind(at, view, addBody(at, known[0] !== 0 ? taken : other, new Map()));
  if (!along || !view.inputs[0]) return false;
  const condition = g.reshape(view.input(0), []);
  const results = [taken, other].map((branch, i) => {
    const names = new Map<string, string>();
    for (const name of captured(branch)) {
      const value = g.values.get(name);
      if (!value || !isFloat(value.dtype) || g.initializers.has(name)) continue;
      const [kept, zero] = [value, g.scalar(0, value)];
      names.set(name, g.emit("Where", [condition, ...i === 0 ? [kept, zero] : [zero, kept]]).name);
    }
    return addBody(at, branch, names);
  });
  view.proto.output.forEach((output, i) => {
    const input = [condition.name, results[0][i], results[1][i]];
    const [a, b] = input.slice(1).map((name) => g.values.get(name));
    if (a && b && !sameShape(a.shape, b.shape)) {
      throw new UserError(
        `Cannot differentiate ${view.label}: its branches give shapes [${a.shape}] and [${b.shape}]`,
        "export the model with the branch that is used",
      );
    }
    g.addNode(create(NodeProtoSchema, { opType: "Where", input, output: [output] }));
  });
  return true;
}

/**
 * Tells whether a loop is too long to be unrolled.
 *
 * @throws {UserError} It is, and has to be unrolled to be differentiated.
 */
function isLong({ along }: Inlining, { label }: NodeView, body: Body, count: number): boolean {
  if (count * body.node.length <= MOST_NODES) return false;
  if (!along) return true;
  throw new UserError(
    `Cannot differentiate ${label}: its iterations would become more than ${MOST_NODES} nodes`,
    "export the model with fewer iterations",
  );
}

/** The iterations of a loop, if their number does not depend on data. */
function unrollLoop(at: Inlining, view: NodeView): boolean {
  const { g } = at;
  const { input } = view.proto;
  const body = subgraph(view, "body");
  const count = input[0] ? view.constant(0)?.[0] : Infinity;
  let going = input[1] ? view.constant(1)?.[0] : 1;
  if (!body || count === undefined || going === undefined) return false;
  let carried = input.slice(2);
  const rows: string[][] = [];
  for (let i = 0; i < count && going !== 0; i++) {
    if (isLong(at, view, body, i)) return false;
    const step = [g.constant("int64", [], i).name, g.constant("bool", [], 1).name, ...carried];
    const names = new Map(body.inputs.map((name, k) => [name, step[k] ?? ""]));
    const [condition, ...results] = addBody(at, body, names);
    const tensor = g.initializers.get(condition);
    going = tensor && tensorValues(tensor)?.[0];
    if (going === undefined) return false;
    carried = results.slice(0, carried.length);
    rows.push(results.slice(carried.length));
  }
  const stacked = stack(g, rows, body.outputs.length - 1 - carried.length, () => 0);
  return stacked !== undefined && bind(at, view, [...carried, ...stacked]);
}

/** The iterations of a scan: one for each row of its inputs. */
function unrollScan(at: Inlining, view: NodeView): boolean {
  const { g } = at;
  const { input } = view.proto;
  const body = subgraph(view, "body");
  const scanned = view.int("num_scan_inputs", 0);
  const states = input.length - scanned;
  const sources = view.inputs.slice(states);
  if (!body || scanned === 0 || !sources.every((one) => one !== undefined)) return false;
  const axes = sources.map(({ shape }, i) =>
    fromFront(view.ints("scan_input_axes")?.[i] ?? 0, shape.length)
  );
  const backwards = (name: string, i: number) => view.ints(name)?.[i] === 1;
  const length = sources[0].shape[axes[0]];
  if (isLong(at, view, body, length)) return false;
  let carried = input.slice(0, states);
  const rows: string[][] = [];
  for (let i = 0; i < length; i++) {
    const row = sources.map((source, k) => {
      const place = backwards("scan_input_directions", k) ? length - 1 - i : i;
      const slice = g.slice(source, axes[k], place, place + 1);
      return g.reshape(slice, source.shape.toSpliced(axes[k], 1)).name;
    });
    const step = [...carried, ...row];
    const results = addBody(at, body, new Map(body.inputs.map((name, k) => [name, step[k]])));
    carried = results.slice(0, states);
    rows.push(results.slice(states));
  }
  const axis = (k: number, rank: number) =>
    fromFront(view.ints("scan_output_axes")?.[k] ?? 0, rank);
  const stacked = stack(
    g,
    rows,
    body.outputs.length - states,
    axis,
    (k) => backwards("scan_output_directions", k),
  );
  return stacked !== undefined && bind(at, view, [...carried, ...stacked]);
}

/** Joins the iterations' outputs on a new axis; `undefined` if no iteration runs, or a shape is unknown. */
function stack(
  g: OpBuilder,
  rows: readonly (readonly string[])[],
  count: number,
  axisOf: (output: number, rank: number) => number,
  reversed: (output: number) => boolean = () => false,
): string[] | undefined {
  if (count > 0 && rows.length === 0) return undefined;
  const joined: string[] = [];
  for (let k = 0; k < count; k++) {
    const parts = rows.map((row) => g.values.get(row[k]));
    if (!parts.every((part): part is Value => part !== undefined)) return undefined;
    const axis = axisOf(k, parts[0].shape.length + 1);
    const apart = parts.map((part) => g.reshape(part, part.shape.toSpliced(axis, 0, 1)));
    joined.push(g.concat(reversed(k) ? apart.toReversed() : apart, axis).name);
  }
  return joined;
}
