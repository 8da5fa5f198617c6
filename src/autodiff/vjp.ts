/**
 * Reverse-mode automatic differentiation of ONNX graphs.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { convertOpset } from "../onnx/convert_opset.ts";
import { isFloat } from "../onnx/dtype.ts";
import { fixShapes } from "../onnx/fix_shapes.ts";
import { prune, readNames } from "../onnx/graph.ts";
import { changed } from "../onnx/message.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import { NodeView, withNode } from "../onnx/node_view.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import type { NodeProto, TensorProto } from "../onnx/proto/onnx_pb.ts";
import { rewrite } from "../onnx/rewrite.ts";
import { tensorType } from "../onnx/tensor.ts";
import type { Value } from "../onnx/value.ts";
import { valueInfo } from "../onnx/value_info.ts";
import { activeTensors } from "./activity.ts";
import { checkNames, checkWay, refuseBrainFloat } from "./checks.ts";
import { lower } from "./lower.ts";
import { planRecompute, type Recompute, schedule } from "./recompute.ts";
import { ruleOf } from "./rules.ts";
import { INTERNAL_DOMAIN, writeOutNormalize } from "./rules/normalize.ts";

/** Options of {@linkcode vjp}. */
export interface VjpOptions {
  /** The output to differentiate. */
  readonly of: string;
  /** Inputs or initializers to differentiate with respect to. */
  readonly wrt: readonly string[];
  /** Shapes of inputs with free dimensions, by input name. */
  readonly shapes?: Readonly<Record<string, readonly number[]>> | undefined;
  /**
   * How much backward computes again. `cheap` (the default): forward hands over the outputs of costly
   * operators, and backward computes all else from those. `none`: forward hands over every value that
   * backward reads, which takes about three times the memory and a little less time. `most`: forward
   * hands over the outputs of residual blocks, which takes half the memory, and backward runs every
   * block again.
   */
  readonly recompute?: Recompute | undefined;
}

/** A differentiated model: two plain ONNX models, run one after the other. */
export interface Vjp {
  /** Computes the output and the residuals, from the model's inputs. */
  readonly forward: OnnxModel;
  /**
   * Computes the cotangents. Inputs: {@linkcode Vjp.residuals}, {@linkcode Vjp.inputs} and the
   * output's cotangent `<of>_cotangent`; outputs: `<name>_cotangent` for each name of `wrt`, in
   * that order.
   */
  readonly backward: OnnxModel;
  /** Outputs of forward that backward takes as inputs of the same name. */
  readonly residuals: readonly string[];
  /** Inputs of forward that backward takes again under the same name. */
  readonly inputs: readonly string[];
}

/**
 * The name of a tensor's cotangent.
 *
 * @example
 * ```ts
 * import { autodiff } from "../../mod.ts";
 *
 * console.assert(autodiff.cotangentName("sample") === "sample_cotangent");
 * ```
 */
export function cotangentName(name: string): string {
  return `${name}_cotangent`;
}

/**
 * The vector-Jacobian product of a model: emits a forward model and a backward model which, given
 * the cotangent `ȳ` of one output, computes `x̄ = Jᵀȳ` for each input or initializer `x` asked for.
 *
 * Works on float32 and float16 models alike; a cotangent has the shape and element type of its
 * tensor. Nodes that lie on no path from `wrt` to `of` are not differentiated. Models of operator sets 7
 * to 15 are written in set 16, and those of sets newer than 26 in 26.
 *
 * @throws {UserError} `of` or a name in `wrt` is not in the model, does not influence the output or
 * is no float tensor; `wrt` is empty, names a tensor twice or names `of`; a shape is missing or has a
 * size below 1; or an operator on the way has no rule.
 *
 * @example
 * ```ts
 * import { autodiff } from "../../mod.ts";
 *
 * const url = new URL("../../models/emoji/vae_encoder/model.onnx", import.meta.url);
 * const encoder = autodiff.readModel(await Deno.readFile(url));
 * const { forward, backward, residuals } = autodiff.vjp(encoder, {
 *   of: "latent_parameters",
 *   wrt: ["sample"],
 *   shapes: { sample: [1, 3, 64, 64] },
 * });
 * console.assert(forward.graph!.output.length === 1 + residuals.length);
 * console.assert(backward.graph!.output[0].name === "sample_cotangent");
 * ```
 */
export function vjp(source: OnnxModel, { of, wrt, shapes, recompute = "cheap" }: VjpOptions): Vjp {
  checkNames(of, wrt);
  const model = convertOpset(source);
  const { model: open, tensors: weights } = promote(model, wrt);
  const fixed = OpBuilder.from(fixShapes(open, shapes, { of, wrt }));
  const output = differentiable(fixed, of);
  const sources = wrt.map((name) => differentiable(fixed, name));
  const way = activeTensors(fixed, of, wrt);
  for (const name of way) refuseBrainFloat(fixed, name);
  const forward = lower(fixed, model, way);
  const active = activeTensors(forward, of, wrt);
  checkWay(forward, active);

  // The backward graph sees every forward tensor by its name.
  const g = new OpBuilder(model);
  for (const tensor of forward.initializers.values()) g.addInitializer(tensor);
  for (const [name, value] of forward.values) g.declare(name, value);
  const seed = g.addInput({ ...output, name: cotangentName(of) });
  const cotangents = new Map([[of, seed]]);
  const selected = selectedElements(forward);
  for (const node of forward.nodes.toReversed()) {
    const view = new NodeView(node, forward);
    const guarded = node.output.some((name) => selected.has(name));
    const adjoints = withNode(
      view,
      "differentiate",
      () => nodeAdjoints(g, view, cotangents, active, guarded),
    );
    for (const [name, cotangent] of adjoints) {
      const sum = cotangents.get(name);
      cotangents.set(name, sum ? g.add(sum, cotangent) : cotangent);
    }
  }
  const results = sources.map(({ name }) => g.alias(cotangents.get(name)!, cotangentName(name)));

  // Backward's own nodes are known; the plan says how it gets the forward values that they read.
  const own = prune(g.nodes, g.initializers, results).nodes;
  const plan = planRecompute(forward, own.flatMap(readNames), recompute);
  g.nodes.splice(0, Infinity, ...schedule(plan.nodes, own));
  const residuals = plan.residuals.map((name) => forward.value(name));
  g.inputs.push(...residuals, ...plan.inputs.map((name) => forward.value(name)));
  const [ahead, back] = [forward, g].map((graph) => rewrite(graph, model, writeOut));
  for (const graph of [ahead, back]) weights.forEach((tensor) => graph.addInitializer(tensor));
  const fed = (name: string) => !weights.some((tensor) => tensor.name === name);
  const inputs = plan.inputs.filter(fed).map((name) => forward.value(name));
  return {
    forward: ahead.build(
      [output, ...residuals.filter(({ name }) => name !== of)],
      forward.inputs.filter(({ name }) => fed(name)),
    ),
    backward: back.build(results, [...residuals, ...inputs, seed]),
    residuals: plan.residuals,
    inputs: inputs.map(({ name }) => name),
  };
}

/** The rewrite of operators that exist only during differentiation. */
function writeOut({ domain }: NodeProto) {
  return domain === INTERNAL_DOMAIN ? writeOutNormalize : undefined;
}

/** The tensor of that name. @throws {UserError} It does not exist, or its type has no derivative. */
function differentiable(forward: OpBuilder, name: string): Value {
  const value = forward.values.get(name);
  if (value && isFloat(value.dtype)) return value;
  const names = forward.inputs.map((input) => input.name).join(", ");
  throw new UserError(
    value
      ? `Cannot differentiate "${name}": wanted a float tensor, got ${value.dtype}`
      : `Cannot differentiate "${name}": the model has no such tensor`,
    `the model's inputs are ${names}`,
  );
}

/**
 * Names of tensors whose elements forward selects, or tests for NaN, themselves or as another type: it
 * may replace NaN.
 */
function selectedElements({ nodes }: OpBuilder): Set<string> {
  const selected = new Set<string>();
  for (const { opType, input, output } of nodes.toReversed()) {
    const same = ["Cast", "Identity"].includes(opType) && selected.has(output[0]);
    if (opType === "IsNaN" || same) selected.add(input[0]);
    if (opType === "Where") { for (const name of input.slice(1)) selected.add(name); }
  }
  return selected;
}

/** The cotangents that a node contributes to its inputs, by name. */
function nodeAdjoints(
  g: OpBuilder,
  node: NodeView,
  known: ReadonlyMap<string, Value>,
  active: ReadonlySet<string>,
  guarded: boolean,
): [string, Value][] {
  const cotangents = node.proto.output.map((name) => known.get(name));
  const wanted = node.proto.input.map((name) => active.has(name));
  if (!cotangents.some(Boolean) || !wanted.includes(true)) return [];
  const rule = ruleOf(node.proto)!;
  const [dy, ...rest] = cotangents;
  if (!rule.severalOutputs && (!dy || rest.some(Boolean))) {
    throw new UserError(
      `Cannot differentiate ${node.label} through more than its first output`,
      "differentiate a tensor that depends on its first output alone",
    );
  }
  const x = node.proto.input.map((name) => g.values.get(name)!);
  const y = node.proto.output.map((name) => g.values.get(name)!);
  const adjoints = rule.adjoint({ g, node, x, y, dy: dy!, cotangents, guarded });
  return node.proto.input.flatMap((name, i): [string, Value][] => {
    if (!wanted[i]) return [];
    const adjoint = adjoints[i];
    if (!adjoint) {
      throw new UserError(
        `Cannot differentiate ${node.label} with respect to its input ${i}, "${name}"`,
        "docs/operators.md lists the inputs that are differentiated",
      );
    }
    return [[name, unbroadcast(g, adjoint(), x[i].shape)]];
  });
}

/** A model with some initializers turned into inputs. */
export interface Promoted {
  readonly model: OnnxModel;
  /** The initializers that became inputs. */
  readonly tensors: readonly TensorProto[];
}

/**
 * Turns the named initializers into inputs, so that nothing is folded or simplified by their values: a
 * scale of ones has a derivative too. Names of other tensors are ignored.
 */
export function promote(model: OnnxModel, names: readonly string[]): Promoted {
  const graph = graphOf(model);
  const chosen = ({ name }: { readonly name: string }) => names.includes(name);
  const tensors = graph.initializer.filter(chosen);
  if (tensors.length === 0) return { model, tensors };
  const listed = new Set(graph.input.map(({ name }) => name));
  const added = tensors.flatMap((tensor) => {
    const type = tensorType(tensor);
    return type && !listed.has(tensor.name) ? [valueInfo({ name: tensor.name, ...type })] : [];
  });
  return {
    model: changed(model, {
      graph: changed(graph, {
        input: [...graph.input, ...added],
        initializer: graph.initializer.filter((tensor) => !chosen(tensor)),
      }),
    }),
    tensors,
  };
}

/**
 * Sums a cotangent over the axes along which a tensor of shape `shape` was repeated.
 *
 * Broadcasting copies an element to many places; its cotangent is the sum of theirs.
 */
export function unbroadcast(g: OpBuilder, cotangent: Value, shape: readonly number[]): Value {
  const added = cotangent.shape.length - shape.length;
  const axes = cotangent.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : []
  );
  return g.reshape(g.reduce("ReduceSum", cotangent, axes), shape);
}
