import assert from "node:assert/strict";
import { noAdapter, testAdapter } from "../../tests/backends.ts";
import { refusal } from "../../tests/refusal.ts";
import { createWebGpuBackend } from "./webgpu.ts";

/** As much of a GPU as a backend needs to move data, which can be made to fail. */
class FakeGpu extends EventTarget {
  readonly features = new Set();
  readonly info = { description: "fake" };
  readonly limits = { maxStorageBufferBindingSize: 1 << 20, maxBufferSize: 1 << 28 };
  /** Buffers created and not destroyed. */
  liveBuffers = 0;
  readonly #lost = Promise.withResolvers<{ message: string }>();
  readonly lost = this.#lost.promise;
  readonly queue = {
    writeBuffer: () => {},
    submit: () => {},
    onSubmittedWorkDone: () => this.#turn(),
  };
  #gone = false;

  get adapter(): GPUAdapter {
    const { features, info, limits } = this;
    const requestDevice = () => Promise.resolve(this);
    return { features, info, limits, requestDevice } as unknown as GPUAdapter;
  }

  createBuffer({ size }: GPUBufferDescriptor) {
    this.liveBuffers++;
    return {
      size,
      mapAsync: () => this.#turn(),
      getMappedRange: (_: number, bytes: number) => new ArrayBuffer(bytes),
      unmap: () => {},
      destroy: () => void this.liveBuffers--,
    };
  }

  createCommandEncoder() {
    return { copyBufferToBuffer: () => {}, finish: () => {} };
  }

  destroy() {}

  /** Loses the device: what it was doing fails a moment before the news. */
  lose(message: string) {
    this.#gone = true;
    setTimeout(() => this.#lost.resolve({ message }), 0);
  }

  /** Reports an error that nobody waited for. */
  report(error: GPUError) {
    this.dispatchEvent(Object.assign(new Event("uncapturederror"), { error }));
  }

  async #turn() {
    await Promise.resolve();
    if (this.#gone) throw new DOMException("Device is lost", "OperationError");
  }
}

const LOST = /^The GPU was lost: cable pulled$/;

Deno.test("a GPU lost while it is read from is told as such, and the staging buffer is freed", async () => {
  const gpu = new FakeGpu();
  await using backend = await createWebGpuBackend(gpu.adapter);
  using x = backend.tensor([4]);
  const buffers = gpu.liveBuffers;
  const reading = backend.read(x);
  gpu.lose("cable pulled");
  await assert.rejects(reading, refusal(LOST));
  assert.equal(gpu.liveBuffers, buffers);
  await assert.rejects(backend.idle(), refusal(LOST));
});

Deno.test("overlapping reads keep one staging buffer", async () => {
  const gpu = new FakeGpu();
  await using backend = await createWebGpuBackend(gpu.adapter);
  using x = backend.tensor([4]);
  const buffers = gpu.liveBuffers;
  await Promise.all([backend.read(x), backend.read(x), backend.read(x)]);
  assert.equal(gpu.liveBuffers, buffers + 1);
});

Deno.test("a model loaded on a lost GPU is not called broken", async () => {
  const gpu = new FakeGpu();
  await using backend = await createWebGpuBackend(gpu.adapter);
  gpu.lose("cable pulled");
  await assert.rejects(backend.load(Uint8Array.of(1, 2, 3)), refusal(LOST));
  assert.equal(backend.liveSessions, 0);
});

Deno.test("a GPU out of memory says what to do, where the host next waits for it", async () => {
  const gpu = new FakeGpu();
  await using backend = await createWebGpuBackend(gpu.adapter);
  using x = backend.tensor([4]);
  gpu.report(new GPUOutOfMemoryError("no room"));
  const message = refusal(/^The GPU has not enough memory$/);
  await assert.rejects(backend.idle(), message);
  await assert.rejects(backend.read(x), message);
});

Deno.test("a mistake in a kernel is no user's mistake", async () => {
  const gpu = new FakeGpu();
  await using backend = await createWebGpuBackend(gpu.adapter);
  gpu.report(new GPUValidationError("binding 3 is missing"));
  await assert.rejects(backend.idle(), { name: "Error", message: "WebGPU: binding 3 is missing" });
});

Deno.test("disposal after a loss frees the buffers and is silent", async () => {
  const gpu = new FakeGpu();
  const backend = await createWebGpuBackend(gpu.adapter);
  const x = backend.tensor([4]);
  gpu.lose("cable pulled");
  x[Symbol.dispose]();
  await backend[Symbol.asyncDispose]();
  assert.equal(gpu.liveBuffers, 0);
});

Deno.test("a tensor larger than the GPU binds is refused in words", async () => {
  const gpu = new FakeGpu();
  await using backend = await createWebGpuBackend(gpu.adapter);
  const wanted = refusal(
    /A tensor \[1024,1024\] needs 4194304 bytes, the GPU gives at most 1048576/,
  );
  assert.throws(() => backend.tensor([1024, 1024]), wanted);
  assert.equal(backend.liveTensors, 0);
});

Deno.test({
  name: "a network run on a GPU that is gone tells of the loss",
  ignore: noAdapter,
  async fn() {
    const devices: GPUDevice[] = [];
    const adapter = (await testAdapter())!;
    const { limits, features, info } = adapter;
    const requestDevice = async (descriptor: GPUDeviceDescriptor) => {
      devices.push(await adapter.requestDevice(descriptor));
      return devices[0];
    };
    const spied = { limits, features, info, requestDevice } as GPUAdapter;
    await using backend = await createWebGpuBackend(spied);
    const path = new URL("../../models/emoji/vae_encoder/model.onnx", import.meta.url);
    const freeDimensions = { batch: 1, height: 64, width: 64 };
    using session = await backend.load(await Deno.readFile(path), { freeDimensions });
    const [{ name }] = session.inputs, [{ name: output, shape }] = session.outputs;
    using x = backend.tensor([1, 3, 64, 64]);
    using y = backend.tensor(shape as number[]);
    devices[0].destroy();
    const running = session.run({ [name]: x }, { [output]: y });
    await assert.rejects(running, refusal(/^The GPU was lost: /));
  },
});
