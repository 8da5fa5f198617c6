import assert from "node:assert/strict";
import { vjp } from "../../src/autodiff/vjp.ts";
import { changed } from "../../src/onnx/message.ts";
import { type OnnxModel, readModel } from "../../src/onnx/model.ts";
import { sizeOf } from "../../src/onnx/value.ts";
import { refusal } from "../refusal.ts";
import { readSafetensors } from "../safetensors.ts";
import { checkModel, random, spaced } from "./op_case.ts";
import { cpuRunner, type Numbers, type Runner, runVjp } from "./runner.ts";
import { relativeError } from "../vectors.ts";

const FOLDER = new URL("../fixtures/autodiff/", import.meta.url);

/** Arguments of `vjp` in a case's `call.json`. */
interface Call {
  readonly of: string;
  readonly wrt: string[];
  readonly shapes: Record<string, number[]>;
}

/** Cases that are refused, and the beginnings of the messages. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  affine_grid_if_false_message: /^Cannot use Expand node ".*": its shape depends on the data$/,
  bfloat16_attention: /^Cannot differentiate "Y": its element type is bfloat16$/,
  bfloat16_celu_expanded: /^Cannot differentiate "Y": its element type is bfloat16$/,
  crash_cast_of_unknown: /^Cannot differentiate Loop node ".*": the operator has no differen/,
  resize_scales_at_run_time:
    /^Cannot differentiate Resize node "Y": its scales depend on the data$/,
  crash_lstm:
    /^Cannot differentiate LSTM node "\/r\/LSTM": the operator has no differentiation rule$/,
};

/** Cases without right values, which are compared with differences. */
const BY_DIFFERENCES = new Set(["crash_unknown_shape_reshape"]);

/** The newest operator set that the runtime loads; the cases use nothing newer of those above. */
const NEWEST = 24n;

function runnable(model: OnnxModel): OnnxModel {
  return changed(model, {
    opsetImport: model.opsetImport.map((one) =>
      changed(one, { version: one.version > NEWEST ? NEWEST : one.version })
    ),
  });
}

/** Differentiates a case's model and compares output and cotangents with the right ones. */
async function check(runner: Runner, name: string): Promise<void> {
  const folder = new URL(`${name}/`, FOLDER);
  const { call }: { call: Call } = JSON.parse(
    await Deno.readTextFile(new URL("call.json", folder)),
  );
  const model = readModel(await Deno.readFile(new URL("model.onnx", folder)), name);
  if (name in REFUSED) {
    assert.throws(() => vjp(model, call), refusal(REFUSED[name]));
    return;
  }
  const feeds: Record<string, Numbers> = {};
  if (BY_DIFFERENCES.has(name)) {
    const next = random(3);
    for (const [input, shape] of Object.entries(call.shapes)) {
      feeds[input] = { shape, data: spaced(sizeOf(shape), [-1, 1], next) };
    }
    await checkModel(runner, runnable(model), call, feeds);
    return;
  }
  const { tensors } = readSafetensors(new URL("right.safetensors", folder));
  for (const [input, shape] of Object.entries(call.shapes)) {
    feeds[input] = { shape, data: tensors[`input.${input}`].data };
  }
  const result = vjp(model, call);
  const both = {
    ...result,
    forward: runnable(result.forward),
    backward: runnable(result.backward),
  };
  const cotangent = { [`${call.of}_cotangent`]: tensors.cotangent };
  const outputs = await runVjp(runner, both, feeds, cotangent);
  const tolerance = name.includes("float16") ? 3e-3 : 1e-5;
  const compare = (output: string, right: string) => {
    const [got, wanted] = [outputs[output].data, tensors[right].data];
    // All of a cotangent may be zero.
    const error = Array.from(wanted).every((value) => value === 0)
      ? Math.max(...Array.from(got, Math.abs))
      : relativeError(got, wanted);
    assert.ok(error <= tolerance, `${output} [${got}] differs by ${error} from [${wanted}]`);
  };
  compare(call.of, "right.y");
  for (const one of call.wrt) compare(`${one}_cotangent`, `right.${one}_cotangent`);
}

Deno.test("vjp() is right, or refuses by name, where it was once wrong", async (t) => {
  const runner = await cpuRunner();
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  for (const name of names) {
    await t.step(name, () => check(runner, name));
  }
});
