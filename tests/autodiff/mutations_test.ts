import assert from "node:assert/strict";
import { RULES } from "../../src/autodiff/rules.ts";
import { vjp } from "../../src/autodiff/vjp.ts";
import { UserError } from "../../src/errors.ts";
import { graphOf, readModel, writeModel } from "../../src/onnx/model.ts";
import type { GraphProto } from "../../src/onnx/proto/onnx_pb.ts";
import fc from "../fast_check.ts";
import { random } from "./op_case.ts";

const FOLDER = new URL("../fixtures/autodiff/", import.meta.url);
const OPERATORS = Object.keys(RULES);

/** The models that once went wrong, with their calls. */
const MODELS = [...Deno.readDirSync(FOLDER)].map(({ name }) => {
  const { call } = JSON.parse(Deno.readTextFileSync(new URL(`${name}/call.json`, FOLDER)));
  return { name, call, bytes: Deno.readFileSync(new URL(`${name}/model.onnx`, FOLDER)) };
}).sort((a, b) => a.name < b.name ? -1 : 1);

/** Damages a graph in one place, as no exporter would. */
function damage(graph: GraphProto, next: () => number): void {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  const node = pick(graph.node);
  const names = [
    ...[...graph.input, ...graph.initializer].map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
    ...["", "nothing"],
  ];
  const place = Math.floor(next() * (node.input.length + 1));
  const kinds: (() => void)[] = [
    () => node.input.splice(place, 1),
    () => node.input.splice(place, 0, pick(names)),
    () => node.input.splice(place, 1, pick(names)),
    () => node.input.reverse(),
    () => node.opType = pick(OPERATORS),
    () => node.attribute.splice(Math.floor(next() * node.attribute.length), 1),
    () => {
      for (const attribute of node.attribute) {
        attribute.i = BigInt(pick([-5, 0, 7, 10 ** 6]));
        attribute.f = pick([NaN, 0, Infinity]);
        attribute.ints = attribute.ints.map(() => BigInt(pick([-3, 0, 5, 2 ** 40])));
        attribute.s = new TextEncoder().encode("odd");
      }
    },
    () => {
      const type = pick(graph.input).type?.value;
      const dimension = type?.case === "tensorType" && pick(type.value.shape?.dim ?? []);
      const size = BigInt(pick([-1, 0, 1, 7, 2 ** 33]));
      if (dimension) dimension.value = { case: "dimValue", value: size };
    },
    () => {
      if (graph.initializer.length === 0) return;
      const tensor = pick(graph.initializer);
      tensor.dims = tensor.dims.map(() => BigInt(pick([-1, 0, 3, 2 ** 33])));
    },
    () => {
      if (graph.initializer.length === 0) return;
      const tensor = pick(graph.initializer);
      tensor.rawData = tensor.rawData.slice(0, tensor.rawData.length / 2);
    },
  ];
  pick(kinds)();
}

Deno.test("a damaged graph is differentiated, or refused in one line", () => {
  const property = fc.property(fc.constantFrom(...MODELS), fc.nat(), (source, seed) => {
    const { call, bytes, name } = source;
    const model = readModel(bytes.slice(), name);
    const next = random(seed);
    for (let times = 1 + seed % 3; times > 0; times--) damage(graphOf(model), next);
    try {
      const { forward, backward } = vjp(model, call);
      writeModel(forward);
      writeModel(backward);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      assert.ok(error.hint, `No hint with: ${error.message}`);
      assert.doesNotMatch(error.message, /\n/);
    }
  });
  fc.assert(property, { numRuns: 2000 });
});
