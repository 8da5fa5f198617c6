/**
 * Running small models in tests.
 *
 * @module
 */
import type { InferenceSession, Tensor } from "npm:onnxruntime-web@1.30.0";
import { graphOf, type Model, writeModel } from "../onnx/model.ts";
import type { DataType } from "../onnx/dtype.ts";
import { declaration } from "../onnx/value_info.ts";
import type { Vjp } from "./vjp.ts";

/** A tensor's numbers and shape; the element type is the model's business. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Where models run in a test. */
export interface Runner {
  /** Runs a model once and gives its outputs by name. */
  run(model: Model, feeds: Record<string, Numbers>): Promise<Record<string, Numbers>>;
}

type Runtime = typeof import("npm:onnxruntime-web@1.30.0");

/** Runs models on the CPU build of onnxruntime-web. */
export async function cpuRunner(): Promise<Runner> {
  const ort = await import("npm:onnxruntime-web@1.30.0");
  ort.env.wasm.numThreads = 1;
  return runner(ort, { executionProviders: ["wasm"] });
}

/** Runs models on WebGPU, or `undefined` (and says so) where there is no adapter. */
export async function webgpuRunner(): Promise<Runner & Disposable | undefined> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) {
    console.warn("!!! No WebGPU adapter: the WebGPU tests of src/autodiff are SKIPPED");
    return undefined;
  }
  const device = await adapter.requestDevice({
    requiredLimits: {
      maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
      maxBufferSize: adapter.limits.maxBufferSize,
      maxComputeInvocationsPerWorkgroup: adapter.limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize: adapter.limits.maxComputeWorkgroupStorageSize,
      maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage,
    },
  });
  const ort = await import("npm:onnxruntime-web@1.30.0/jspi") as unknown as Runtime;
  const { run } = runner(ort, {
    // The `device` option is newer than the library's types.
    executionProviders: [{ name: "webgpu", device } as InferenceSession.ExecutionProviderConfig],
  });
  // The runtime asks the device for its adapter, which dies unless something holds on to it.
  return { run, adapter, [Symbol.dispose]: () => device.destroy() } as Runner & Disposable;
}

function runner(ort: Runtime, options: InferenceSession.SessionOptions): Runner {
  return {
    async run(model, feeds) {
      const session = await ort.InferenceSession.create(writeModel(model), options);
      try {
        const inputs = graphOf(model).input.map((info): [string, Tensor] => {
          const { name, dtype } = declaration(info)!;
          const { shape, data } = feeds[name];
          return [name, new ort.Tensor(dtype as "float32", array(dtype, data), shape)];
        });
        const results = await session.run(Object.fromEntries(inputs));
        return Object.fromEntries(
          Object.entries(results).map(([name, { dims, data }]) => [
            name,
            { shape: dims, data: Array.from(data as ArrayLike<number>, Number) },
          ]),
        );
      } finally {
        await session.release();
      }
    },
  };
}

function array(dtype: DataType, data: ArrayLike<number>): Float32Array {
  switch (dtype) {
    case "float32":
      return Float32Array.from(data);
    case "float16":
      return Float16Array.from(data) as unknown as Float32Array;
    case "int64":
      return BigInt64Array.from(Array.from(data, BigInt)) as unknown as Float32Array;
    case "int32":
      return Int32Array.from(data) as unknown as Float32Array;
    case "bool":
      return Uint8Array.from(data) as unknown as Float32Array;
    default:
      throw new Error(`No test needs ${dtype} inputs`);
  }
}

/** Runs forward, then backward with the given output cotangent; outputs of both by name. */
export async function runVjp(
  { run }: Runner,
  { forward, backward, residuals, inputs }: Vjp,
  feeds: Record<string, Numbers>,
  cotangent: Record<string, Numbers>,
): Promise<Record<string, Numbers>> {
  const ahead = await run(forward, feeds);
  const handed = [
    ...residuals.map((name) => [name, ahead[name]]),
    ...inputs.map((name) => [name, feeds[name]]),
  ];
  return { ...ahead, ...await run(backward, { ...Object.fromEntries(handed), ...cotangent }) };
}

/** ‖a − b‖ / ‖b‖. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`Lengths differ: ${a.length} and ${b.length}`);
  const norm = (values: number[]) => Math.hypot(...values);
  return norm(Array.from(a, (value, i) => value - b[i])) / norm(Array.from(b));
}
