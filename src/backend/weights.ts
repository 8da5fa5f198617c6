import type { ByteSource } from "../files/byte_source.ts";

/** Bytes handed to ONNX Runtime's WebGPU build at once. */
const CHUNK = 1 << 22;

/**
 * Weights as ONNX Runtime's WebGPU build takes them: it slices a `Blob`, tensor by tensor, and moves
 * each slice's stream to the GPU. (A `Blob` of Deno's own would hold the whole file in memory.)
 */
export function weightsBlob(source: ByteSource): Blob {
  return new WeightsBlob(source, 0, source.size);
}

class WeightsBlob extends Blob {
  readonly #source: ByteSource;
  readonly #start: number;
  readonly #end: number;

  constructor(source: ByteSource, start: number, end: number) {
    super();
    this.#source = source;
    this.#start = start;
    this.#end = end;
  }

  override get size(): number {
    return this.#end - this.#start;
  }

  /** @param start From 0; unlike a `Blob` of the platform's, it counts nothing from the end. */
  override slice(start = 0, end: number = this.size): Blob {
    const at = (offset: number) => Math.min(this.#start + offset, this.#end);
    return new WeightsBlob(this.#source, at(start), at(end));
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.try(() => this.#source.read(this.#start, this.size).slice().buffer);
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    let position = this.#start;
    return new ReadableStream({
      pull: (controller) => {
        const length = Math.min(CHUNK, this.#end - position);
        if (length > 0) controller.enqueue(this.#source.read(position, length));
        position += length;
        if (position === this.#end) controller.close();
      },
    });
  }
}

/**
 * Weights as ONNX Runtime's CPU build takes them: it asks an array for its `byteLength` and, tensor
 * by tensor, for a `subarray`. This one holds nothing and reads what it is asked for.
 */
export function weightsArray(source: ByteSource): Uint8Array {
  return new WeightsArray(source);
}

class WeightsArray extends Uint8Array {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super(0);
    this.#source = source;
  }

  override get byteLength(): number {
    return this.#source.size;
  }

  override subarray(start = 0, end: number = this.#source.size): Uint8Array<ArrayBuffer> {
    return this.#source.read(start, end - start);
  }
}
