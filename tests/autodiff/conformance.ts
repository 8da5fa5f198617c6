/**
 * ONNX's node tests as tests of `vjp`: what each gives against a derivative known from elsewhere.
 *
 * @module
 */
import { cotangentName, vjp } from "../../src/autodiff/vjp.ts";
import { UserError } from "../../src/errors.ts";
import { graphOf, type OnnxModel, readModel } from "../../src/onnx/model.ts";
import { declaration } from "../../src/onnx/value_info.ts";
import { type FixtureTensor, readSafetensors } from "../safetensors.ts";
import { type Feeds, type Numbers, type Runner, runOnce, runVjp } from "./runner.ts";

/** The ways that a test can end. */
export const OUTCOMES = ["right", "refused", "wrong", "crashed", "not run"] as const;

/** One of {@link OUTCOMES}; *not run* is a model that ONNX Runtime itself does not take. */
export type Outcome = typeof OUTCOMES[number];

/** A test's end. */
export interface Result {
  readonly test: string;
  readonly operator: string;
  readonly outcome: Outcome;
  /** The error, or both derivatives where they differ. */
  readonly reason: string;
}

/**
 * Largest difference of ⟨u, Jᵀv⟩ from its value in float64, as a part of the terms' size, and the size
 * that terms count for at least: values on the way are rounded too.
 */
const TOLERANCE = { float32: [1e-3, 0.1], float16: [2e-2, 0.2] } as const;

/** A test's tensors by kind and name. */
type Tensors = Readonly<Record<string, FixtureTensor>>;

/**
 * Runs the tests of a file that tests/golden/conformance.py wrote.
 *
 * @param runner Where models run; float32.
 */
export async function* conformance(path: string | URL, runner: Runner): AsyncGenerator<Result> {
  const { metadata, tensors } = readSafetensors(path);
  const operators: Record<string, string> = JSON.parse(metadata.operators);
  const tests = new Map<string, Record<string, FixtureTensor>>();
  for (const [key, tensor] of Object.entries(tensors)) {
    const slash = key.indexOf("/");
    const test = tests.getOrInsert(key.slice(0, slash), {});
    test[key.slice(slash + 1)] = tensor;
  }
  for (const [test, parts] of tests) {
    const [outcome, reason] = await judge(parts, runner);
    yield { test, operator: operators[test], outcome, reason };
  }
}

/**
 * Judges a test as it is published; where that is refused, with its integer inputs as constants. A node
 * test has axes and shapes as inputs, an exported model has them as constants.
 */
async function judge(parts: Tensors, runner: Runner): Promise<[Outcome, string]> {
  const published = await judgeModel(parts.model, parts, runner);
  if (published[0] !== "refused" || !parts.constant) return published;
  return await judgeModel(parts.constant, parts, runner);
}

async function judgeModel(
  { data }: FixtureTensor,
  parts: Tensors,
  runner: Runner,
): Promise<[Outcome, string]> {
  const bytes = data as Uint8Array;
  const inputs = within(parts, "input/");
  const [[of, cotangent]] = Object.entries(within(parts, "of/"));
  const wrt = Object.keys(within(parts, "along/"));
  let model;
  try {
    model = readModel(bytes, "model", { oldestOpset: 7 });
  } catch (error) {
    return refusedOrCrashed(error);
  }
  const names = graphOf(model).input.map(({ name }) => name);
  const feeds = Object.fromEntries(names.map((name) => [name, inputs[name]]));
  const ends: [Outcome, string][] = [];
  for (const name of wrt) {
    ends.push(await judgeInput(model, { of, name, cotangent, feeds, parts }, runner));
  }
  const worst = (["crashed", "wrong", "not run", "refused", "right"] as const)
    .find((outcome) => ends.some(([end]) => end === outcome))!;
  return ends.find(([end]) => end === worst)!;
}

interface Asked {
  readonly of: string;
  readonly name: string;
  readonly cotangent: Numbers;
  readonly feeds: Feeds;
  readonly parts: Tensors;
}

async function judgeInput(
  model: OnnxModel,
  { of, name, cotangent, feeds, parts }: Asked,
  runner: Runner,
): Promise<[Outcome, string]> {
  const [right, doubt] = parts[`right/${name}`].data;
  const shapes = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape }]) => [name, shape]),
  );
  let derivative;
  try {
    derivative = vjp(model, { of, wrt: [name], shapes });
  } catch (error) {
    // An input that is on no way to the output, or before a step function, has the derivative 0.
    const zero = /does not (influence|depend)|the derivative of .* on the way is zero/;
    if (right === 0 && zero.test(String(error))) return ["right", ""];
    return refusedOrCrashed(error);
  }
  try {
    const given = { [cotangentName(of)]: cotangent };
    const gradient = (await runVjp(runner, derivative, feeds, given))[cotangentName(name)];
    const along = parts[`along/${name}`];
    let found = 0, size = 0;
    for (let i = 0; i < along.data.length; i++) {
      found += along.data[i] * gradient.data[i];
      size += Math.abs(along.data[i] * gradient.data[i]);
    }
    const { dtype } = declaration(derivative.backward.graph!.output[0])!;
    const [part, least] = TOLERANCE[dtype === "float16" ? "float16" : "float32"];
    const close = Math.abs(found - right) <= part * (Math.abs(right) + size + least) + 2 * doubt;
    if (close) return ["right", ""];
    const differs = await valueDiffers(model, of, feeds, parts, runner);
    if (differs) return ["not run", `ONNX Runtime has another value: ${differs}`];
    return ["wrong", `${name}: ${found} instead of ${right}`];
  } catch (error) {
    // A model that ONNX Runtime refuses before differentiation cannot be run.
    const runs = await runOnce(runner, model, feeds).then(() => true, () => false);
    return [runs ? "crashed" : "not run", firstLine(error)];
  }
}

/** Whether ONNX Runtime gives another output than ONNX's reference, so that slopes differ as well. */
async function valueDiffers(
  model: OnnxModel,
  of: string,
  feeds: Feeds,
  parts: Tensors,
  runner: Runner,
): Promise<string | undefined> {
  const { data } = (await runOnce(runner, model, feeds))[of];
  const right = parts[`value/${of}`].data;
  for (let i = 0; i < right.length; i++) {
    const difference = Math.abs(data[i] - right[i]);
    if (difference > 1e-2 * (1 + Math.abs(right[i]))) return `${data[i]} instead of ${right[i]}`;
  }
}

function refusedOrCrashed(error: unknown): [Outcome, string] {
  return [error instanceof UserError ? "refused" : "crashed", firstLine(error)];
}

function firstLine(error: unknown): string {
  return String(error).split("\n")[0].slice(0, 300);
}

function within(parts: Tensors, kind: string): Record<string, Numbers> {
  return Object.fromEntries(
    Object.entries(parts).filter(([key]) => key.startsWith(kind))
      .map(([key, tensor]) => [key.slice(kind.length), tensor]),
  );
}
