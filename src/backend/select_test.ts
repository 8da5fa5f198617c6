import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { type Device, openBackend } from "./select.ts";
import { noAdapter, testAdapter } from "../../tests/backends.ts";

/** A source of adapters that gives this one. */
const gives = (adapter: unknown) => ({
  requestAdapter: () => Promise.resolve(adapter as GPUAdapter | null),
});

const broken = {
  info: { isFallbackAdapter: false },
  limits: {},
  features: new Set(),
  requestDevice: () => Promise.reject(new Error("driver says no")),
};

async function deviceOf(device: Device, adapter: unknown): Promise<string> {
  await using backend = await openBackend(device, { gpu: gives(adapter), threads: 1 });
  return backend.device;
}

Deno.test("openBackend auto takes the CPU where there is no adapter", async () => {
  assert.equal(await deviceOf("auto", null), "cpu");
});

Deno.test("openBackend auto leaves a software adapter alone", async () => {
  assert.equal(await deviceOf("auto", { ...broken, info: { isFallbackAdapter: true } }), "cpu");
});

Deno.test("openBackend auto takes the CPU where the GPU gives no device", async () => {
  assert.equal(await deviceOf("auto", broken), "cpu");
});

Deno.test("openBackend webgpu without an adapter says what to do", async () => {
  await assert.rejects(deviceOf("webgpu", null), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.hint!, /`device: "cpu"`/);
    return true;
  });
});

Deno.test("openBackend webgpu does not fall back from a GPU that gives no device", async () => {
  await assert.rejects(deviceOf("webgpu", broken), UserError);
});

Deno.test("openBackend refuses an unknown device", async () => {
  await assert.rejects(deviceOf("tpu" as Device, null), {
    name: "UserError",
    message: 'Unknown device "tpu"',
  });
});

Deno.test("openBackend cpu does not ask for an adapter", async () => {
  const gpu = { requestAdapter: () => assert.fail("asked") };
  await using backend = await openBackend("cpu", { gpu, threads: 1 });
  assert.equal(backend.device, "cpu");
});

Deno.test({
  name: "openBackend webgpu takes any adapter",
  ignore: noAdapter,
  fn: async () => assert.equal(await deviceOf("webgpu", await testAdapter()), "webgpu"),
});

Deno.test({
  name: "openBackend auto takes a hardware adapter",
  ignore: noAdapter,
  async fn() {
    const adapter = (await testAdapter())!;
    const { limits, features } = adapter;
    const requestDevice = (descriptor: GPUDeviceDescriptor) => adapter.requestDevice(descriptor);
    const info = { isFallbackAdapter: false, description: "passes for hardware" };
    assert.equal(await deviceOf("auto", { limits, features, info, requestDevice }), "webgpu");
  },
});
