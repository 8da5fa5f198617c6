import type * as ort from "npm:onnxruntime-web@1.30.0";
import { UserError } from "../errors.ts";
import { fileError } from "../files/file_error.ts";
import type { ByteSource } from "../files/byte_source.ts";
import type { DType, HostTensor, Session, SessionOptions, Tensor, TensorInfo } from "./backend.ts";
import { weightsArray, weightsBlob } from "./weights.ts";

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
 * Does work after all work given before. ONNX Runtime can neither load nor run two models at once in
 * a process: while one call awaits, another would use its part of WebAssembly's stack.
 */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work);
  last = result.catch(() => {});
  return result;
}

/** Creates a session; a model that ONNX Runtime refuses is a {@link UserError}. */
export async function createOrtSession(
  { InferenceSession }: Ort,
  device: "cpu" | "webgpu",
  model: Uint8Array,
  { freeDimensions, externalData = [] }: SessionOptions,
  options: ort.InferenceSession.SessionOptions,
): Promise<OrtSession> {
  const attempt = new ReadAttempt();
  const weights = device === "cpu" ? weightsArray : weightsBlob;
  let session;
  try {
    session = await InferenceSession.create(model, {
      ...options,
      // ONNX Runtime reports nodes it leaves to the CPU as warnings, on stderr.
      logSeverityLevel: 3,
      ...(freeDimensions && { freeDimensionOverrides: freeDimensions }),
      externalData: externalData.map(({ path, data }) => ({
        path,
        data: weights(attempt.watch(data)),
      })),
    });
  } catch (error) {
    if (attempt.failure) throw attempt.failure;
    const reason = String(error instanceof Error ? error.message : error).split("\n")[0].trim();
    // ONNX Runtime reads its WebAssembly on first use, and wraps what Deno says of that.
    const [, forbidden] = /NotCapable: (Requires .* flag)/.exec(reason) ?? [];
    if (forbidden) {
      throw fileError("Cannot load ONNX Runtime", new Deno.errors.NotCapable(forbidden), "");
    }
    throw new UserError(
      `Cannot load the ONNX model: ${reason}`,
      "check the file, or fetch the model again",
      { cause: error },
    );
  }
  if (!attempt.failure) return session;
  await session.release();
  throw attempt.failure;
}

/**
 * Remembers why weights could not be read. ONNX Runtime would print the error and forget it, so it
 * is given zeros instead, for a session that is then thrown away.
 */
class ReadAttempt {
  failure: unknown;

  watch(data: ByteSource): ByteSource {
    return {
      size: data.size,
      read: (offset, length) => {
        try {
          return data.read(offset, length);
        } catch (error) {
          this.failure ??= error;
          return new Uint8Array(length);
        }
      },
    };
  }
}

/** A session's inputs or outputs, from ONNX Runtime's metadata. */
function tensorInfos(
  metadata: readonly ort.InferenceSession.ValueMetadata[],
): TensorInfo[] {
  return metadata.map((value) => {
    if (!value.isTensor) throw new UserError(`ONNX value "${value.name}" is not a tensor`);
    return { name: value.name, dtype: value.type as DType, shape: value.shape };
  });
}

/** A {@link Session} over one of ONNX Runtime's; a backend says how its tensors go in and out. */
export abstract class OrtBackedSession implements Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** The build of ONNX Runtime that made the session. */
  protected readonly ort: Ort;
  #session: OrtSession | undefined;
  readonly #release: () => void;

  /** @param release Called once, when the session is disposed of. */
  constructor(ort: Ort, session: OrtSession, release: () => void) {
    this.ort = ort;
    this.#session = session;
    this.#release = release;
    this.inputs = tensorInfos(session.inputMetadata);
    this.outputs = tensorInfos(session.outputMetadata);
  }

  /** ONNX Runtime's session. */
  protected get session(): OrtSession {
    if (!this.#session) throw new Error("Session is used after it was disposed of");
    return this.#session;
  }

  abstract run(
    feeds: Readonly<Record<string, Tensor | HostTensor>>,
    fetches: Readonly<Record<string, Tensor>>,
  ): Promise<void>;

  [Symbol.dispose]() {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    // A lost GPU cannot release it, and whoever waits for its results is told of the loss.
    inTurn(() => session.release()).catch(() => {});
    this.#release();
  }
}
