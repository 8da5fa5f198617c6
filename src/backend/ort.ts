import type * as ort from "npm:onnxruntime-web@1.30.0";
import { UserError } from "../errors.ts";
import type { DType, SessionOptions, TensorInfo } from "./backend.ts";

/** The module `onnxruntime-web`, in either of its builds. */
export type Ort = typeof ort;
/** A tensor of ONNX Runtime's. */
export type OrtTensor = ort.Tensor;
/** A session of ONNX Runtime's. */
export type OrtSession = ort.InferenceSession;

/**
 * Imports ONNX Runtime on first use. `cpu` is the Node build (threaded WASM), `webgpu` the build
 * with the native WebGPU provider; the package's other builds do not run in Deno.
 */
export async function importOrt(device: "cpu" | "webgpu"): Promise<Ort> {
  const module: Ort = device === "cpu"
    ? await import("npm:onnxruntime-web@1.30.0")
    : await import("npm:onnxruntime-web@1.30.0/jspi");
  module.env.logLevel = "error";
  return module;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Does work after all work given before. ONNX Runtime's WebGPU build can neither load nor run two
 * models at once in a process.
 */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work);
  last = result.catch(() => {});
  return result;
}

/** Creates a session; a model that ONNX Runtime refuses is a {@link UserError}. */
export async function createOrtSession(
  { InferenceSession }: Ort,
  model: Uint8Array,
  { freeDimensions, externalData }: SessionOptions,
  options: ort.InferenceSession.SessionOptions,
): Promise<OrtSession> {
  try {
    return await InferenceSession.create(model, {
      ...options,
      // ONNX Runtime reports nodes it leaves to the CPU as warnings, on stderr.
      logSeverityLevel: 3,
      freeDimensionOverrides: freeDimensions,
      externalData: externalData?.map(({ path, data }) => ({ path, data })),
    });
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).split("\n")[0].trim();
    throw new UserError(
      `Cannot load the ONNX model: ${reason}`,
      "check the file, or fetch the model again",
      { cause: error },
    );
  }
}

/** A session's inputs or outputs, from ONNX Runtime's metadata. */
export function tensorInfos(
  metadata: readonly ort.InferenceSession.ValueMetadata[],
): TensorInfo[] {
  return metadata.map((value) => {
    if (!value.isTensor) throw new UserError(`ONNX value "${value.name}" is not a tensor`);
    return { name: value.name, dtype: value.type as DType, shape: value.shape };
  });
}
