/**
 * Running small models in tests.
 *
 * @module
 */
import type { InferenceSession, Tensor } from "npm:onnxruntime-web@1.30.0";
import type { Vjp } from "../../src/autodiff/vjp.ts";
import type { DataType } from "../../src/onnx/dtype.ts";
import { graphOf, type OnnxModel, writeModel } from "../../src/onnx/model.ts";
import { declaration } from "../../src/onnx/value_info.ts";
import { testAdapter } from "../backends.ts";

/** A tensor's numbers and shape; the model decides the element type. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Tensors by name. */
export type Feeds = Readonly<Record<string, Numbers>>;

/** A model ready to run. */
export interface LoadedModel extends AsyncDisposable {
  /** Runs it and gives its outputs by name. */
  run(feeds: Feeds): Promise<Record<string, Numbers>>;
}

/** A runtime for models in tests. */
export interface Runner {
  load(model: OnnxModel): Promise<LoadedModel>;
}

type Runtime = typeof import("npm:onnxruntime-web@1.30.0");

/** Runs models on the CPU build of onnxruntime-web. */
export async function cpuRunner(): Promise<Runner> {
  const ort = await import("npm:onnxruntime-web@1.30.0");
  ort.env.wasm.numThreads = 1;
  return { load: (model) => load(ort, model, { executionProviders: ["wasm"] }) };
}

/** Runs models on WebGPU, for tests that are ignored where there is no adapter. */
export async function webgpuRunner(): Promise<Runner & Disposable> {
  const adapter = (await testAdapter())!;
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredLimits: {
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
  });
  const ort = await import("npm:onnxruntime-web@1.30.0/jspi") as unknown as Runtime;
  const options = {
    // The `device` option is newer than the library's types.
    executionProviders: [{ name: "webgpu", device } as InferenceSession.ExecutionProviderConfig],
    logSeverityLevel: 3,
  } as const;
  const runner = {
    // The runtime asks the device for its adapter, which dies unless something refers to it.
    adapter,
    load: (model: OnnxModel) => load(ort, model, options),
    [Symbol.dispose]: () => device.destroy(),
  };
  return runner;
}

async function load(
  ort: Runtime,
  model: OnnxModel,
  options: InferenceSession.SessionOptions,
): Promise<LoadedModel> {
  const session = await ort.InferenceSession.create(writeModel(model), options);
  const declared = graphOf(model).input.map((info) => declaration(info)!);
  return {
    async run(feeds) {
      const inputs = declared.map(({ name, dtype }): [string, Tensor] => {
        const { shape, data } = feeds[name];
        return [name, new ort.Tensor(dtype as "float32", typedArray(dtype, data), shape)];
      });
      const results = await session.run(Object.fromEntries(inputs));
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => [
          name,
          { shape: dims, data: Array.from(data as ArrayLike<number>, Number) },
        ]),
      );
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

/** The library's constructor is overloaded by element type; here it is only known at run time. */
function typedArray(dtype: DataType, data: ArrayLike<number>): Float32Array {
  const list = Array.from(data);
  switch (dtype) {
    case "float32":
      return Float32Array.from(list);
    case "float16":
      return Float16Array.from(list) as unknown as Float32Array;
    case "float64":
      return Float64Array.from(list) as unknown as Float32Array;
    case "int64":
      return BigInt64Array.from(list, BigInt) as unknown as Float32Array;
    case "int32":
      return Int32Array.from(list) as unknown as Float32Array;
    case "bool":
      return Uint8Array.from(list) as unknown as Float32Array;
    default:
      throw new Error(`No test needs ${dtype} inputs`);
  }
}

/** Runs a model once. */
export async function runOnce(runner: Runner, model: OnnxModel, feeds: Feeds) {
  await using loaded = await runner.load(model);
  return await loaded.run(feeds);
}

/** Runs forward, then backward with the given output cotangent; outputs of both by name. */
export async function runVjp(
  runner: Runner,
  { forward, backward, residuals, inputs }: Vjp,
  feeds: Feeds,
  cotangent: Feeds,
): Promise<Record<string, Numbers>> {
  const ahead = await runOnce(runner, forward, feeds);
  const handed = Object.fromEntries([
    ...residuals.map((name) => [name, ahead[name]]),
    ...inputs.map((name) => [name, feeds[name]]),
  ]);
  return { ...ahead, ...await runOnce(runner, backward, { ...handed, ...cotangent }) };
}
