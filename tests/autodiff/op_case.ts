/**
 * Models of one operator, and the check of its differentiation rule. For tests.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cotangentName, type Vjp, vjp } from "../../src/autodiff/vjp.ts";
import type { Attributes } from "../../src/onnx/attribute.ts";
import { type DataType, isFloat } from "../../src/onnx/dtype.ts";
import type { OnnxModel } from "../../src/onnx/model.ts";
import { OpBuilder } from "../../src/onnx/op_builder.ts";
import { sizeOf, type Value } from "../../src/onnx/value.ts";
import { type Numbers, type Runner, runOnce, runVjp } from "./runner.ts";
import { distance, dot } from "../vectors.ts";

/**
 * An input of the operator: a graph input with random numbers, which the check differentiates by, or
 * given numbers.
 */
export interface Operand {
  readonly shape: readonly number[];
  readonly dtype?: DataType;
  /** Range of the random numbers; the default is −2 to 2. */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** Given numbers, which the check does not differentiate by. */
  readonly values?: readonly number[];
  /** The given numbers are a graph input; the default is an initializer. */
  readonly fed?: boolean;
}

/** One use of an operator. */
export interface OpCase {
  readonly op: string;
  readonly opset?: number;
  /** In the operator's order; `undefined` leaves an optional one out. */
  readonly operands: readonly (Operand | undefined)[];
  readonly attributes?: Attributes | undefined;
  /** No two numbers of any operands are near each other: the operator compares them. */
  readonly apart?: boolean | undefined;
  /** Number of outputs; they are differentiated together. */
  readonly outputs?: number;
  /** Number of further outputs, which nothing reads. */
  readonly unread?: number;
  /** The runtime does not know the operator: the differences are those of forward. */
  readonly unknown?: boolean;
  /** Seed of the random numbers. */
  readonly seed: number;
}

/** Half the step of the central differences. */
const STEP = 1e-2;
/** Allowed relative error of float32 against central differences. */
const TOLERANCE = 3e-3;

/** A small generator of random numbers in 0..1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Shuffled numbers, evenly spaced over a range: no two are nearer than a difference's step, and
 * none is zero, so that operators with kinks are differentiated beside them.
 */
export function spaced(count: number, [low, high]: readonly [number, number], next: () => number) {
  const values = Array.from({ length: count }, (_, i) => low + (high - low) * (i + 0.7) / count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}

/** The model of one operator; several float outputs are flattened and joined as its output `y`. */
function buildModel(
  { op, opset = 18, operands, attributes, outputs = 1, unread = 0 }: OpCase,
) {
  const g = new OpBuilder({ opset });
  const wrt: string[] = [];
  const inputs = operands.map((operand, i): Value | undefined => {
    if (!operand) return undefined;
    const { shape, values, dtype = "float32", fed = false } = operand;
    if (values && !fed) return g.constant(dtype, shape, values);
    if (!values) wrt.push(`x${i}`);
    return g.addInput({ name: `x${i}`, dtype, shape });
  });
  const results = g.emitAll(op, inputs, attributes ?? {}, outputs + unread)
    .slice(0, outputs).filter((y) => isFloat(y.dtype));
  const flat = results.map((y) => g.reshape(y, [sizeOf(y.shape)]));
  const y = g.alias(results.length === 1 ? results[0] : g.concat(flat, 0), "y");
  return { model: g.build([y]), y, wrt };
}

/** A differentiated model, its inputs and a cotangent ȳ of its output. */
interface Differentiated {
  readonly model: OnnxModel;
  readonly of: string;
  readonly wrt: readonly string[];
  readonly feeds: Readonly<Record<string, Numbers>>;
  readonly dy: Numbers;
  readonly result: Vjp;
  readonly next: () => number;
}

/** Differentiates a use of an operator, which may be refused. */
export function differentiate(test: OpCase): Vjp {
  const { model, wrt } = buildModel(test);
  return vjp(model, { of: "y", wrt });
}

/** A use of an operator, differentiated, with random inputs x and output cotangent ȳ. */
function prepare(test: OpCase): Differentiated {
  const next = random(test.seed);
  const { model, y, wrt } = buildModel(test);
  const feeds: Record<string, Numbers> = {};
  const count = test.operands.reduce((sum, operand) => sum + sizeOf(operand?.shape ?? [0]), 0);
  const all = test.apart ? spaced(count, [-2, 2], next) : [];
  test.operands.forEach((operand, i) => {
    if (!operand || (operand.values && !operand.fed)) return;
    const { shape, values, range = [-2, 2] } = operand;
    const size = sizeOf(shape);
    const random = () => test.apart ? all.splice(0, size) : spaced(size, range, next);
    feeds[`x${i}`] = { shape, data: values ?? random() };
  });
  const dy = { shape: y.shape, data: spaced(sizeOf(y.shape), [-0.7, 1], next) };
  const result = vjp(model, { of: "y", wrt, recompute: test.seed % 2 === 0 ? "cheap" : "none" });
  return { model: test.unknown ? result.forward : model, of: "y", wrt, feeds, dy, result, next };
}

/** Checks that backward gives the same on another runtime, from the same residuals. */
export async function compareCase(reference: Runner, other: Runner, test: OpCase): Promise<void> {
  const { wrt, feeds, dy, result: { forward, backward } } = prepare(test);
  const handed = { ...feeds, ...await runOnce(reference, forward, feeds), y_cotangent: dy };
  const [wanted, got] = [
    await runOnce(reference, backward, handed),
    await runOnce(other, backward, handed),
  ];
  for (const name of wrt.map(cotangentName)) {
    const error = distance(got[name].data, wanted[name].data);
    const scale = Math.max(0.1, Math.sqrt(dot(wanted[name].data, wanted[name].data)));
    assert.ok(error < 1e-4 * scale, `${name}: [${got[name].data}], not [${wanted[name].data}]`);
  }
}

/**
 * Checks the rule of an operator: each cotangent against central differences of ⟨y, ȳ⟩ element by
 * element, and the adjoint identity ⟨J·v, ȳ⟩ = ⟨v, Jᵀ·ȳ⟩ for a random direction v.
 */
export async function checkCase(runner: Runner, test: OpCase): Promise<void> {
  await checkDifferentiated(runner, prepare(test));
}

/**
 * Checks a model's derivative as {@linkcode checkCase} checks that of an operator.
 *
 * @param feeds Its inputs; those that are not named in `wrt` stay as they are.
 */
export async function checkModel(
  runner: Runner,
  model: OnnxModel,
  { of, wrt }: { readonly of: string; readonly wrt: readonly string[] },
  feeds: Readonly<Record<string, Numbers>>,
): Promise<void> {
  const next = random(7);
  const shapes = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape }]) => [name, shape]),
  );
  const result = vjp(model, { of, wrt, shapes });
  const { shape } = (await runOnce(runner, model, feeds))[of];
  const dy = { shape, data: spaced(sizeOf(shape), [-0.7, 1], next) };
  await checkDifferentiated(runner, { model, of, wrt, feeds, dy, result, next });
}

async function checkDifferentiated(
  runner: Runner,
  { model, of, wrt, feeds, dy, result, next }: Differentiated,
): Promise<void> {
  const outputs = await runVjp(runner, result, feeds, { [cotangentName(of)]: dy });
  const cotangents = wrt.map((name) => outputs[cotangentName(name)]);

  await using plain = await runner.load(model);
  const directions = wrt.map((name) => spaced(feeds[name].data.length, [-1, 1], next));
  /** ⟨J·v, ȳ⟩ by a central difference, v given for each input. */
  const derivative = async (v: readonly ArrayLike<number>[]) => {
    const at = async (step: number) => {
      const moved = wrt.map((name, i) => {
        const { shape, data } = feeds[name];
        return [name, { shape, data: Array.from(data, (value, j) => value + step * v[i][j]) }];
      });
      return dot((await plain.run({ ...feeds, ...Object.fromEntries(moved) }))[of].data, dy.data);
    };
    return (await at(STEP) - await at(-STEP)) / (2 * STEP);
  };

  const zeros = wrt.map((name) => new Float64Array(feeds[name].data.length));
  for (const [i, name] of wrt.entries()) {
    assert.deepEqual([...cotangents[i].shape], [...feeds[name].shape], `shape of ${name}'s`);
    const gradient: number[] = [];
    for (let j = 0; j < zeros[i].length; j++) {
      gradient.push(await derivative(zeros.with(i, zeros[i].with(j, 1))));
    }
    const error = distance(cotangents[i].data, gradient);
    assert.ok(
      error < TOLERANCE,
      `cotangent of ${name}: [${cotangents[i].data}], not [${gradient}]`,
    );
  }
  const [all, v] = [cotangents.flatMap(({ data }) => Array.from(data)), directions.flat()];
  const difference = Math.abs(await derivative(directions) - dot(v, all));
  const scale = Math.max(0.1, Math.sqrt(dot(v, v) * dot(all, all)));
  assert.ok(difference < TOLERANCE * scale, `⟨J·v, ȳ⟩ − ⟨v, Jᵀ·ȳ⟩ = ${difference}, of ${scale}`);
}
