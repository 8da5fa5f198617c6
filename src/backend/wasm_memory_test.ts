import assert from "node:assert/strict";
import { withWholeMemory } from "./wasm_memory.ts";

const PAGE = 65536;
const AS_ORT = { initial: 256, maximum: 65536, shared: true };

Deno.test("memory that threads share never has to grow", async () => {
  const { buffer } = await withWholeMemory(() => Promise.resolve(new WebAssembly.Memory(AS_ORT)));
  assert(buffer instanceof SharedArrayBuffer);
  assert(buffer.byteLength >= 2 ** 30, `${buffer.byteLength} bytes`);
});

Deno.test("other memory, and memory made afterwards, is as it was wanted", async () => {
  const { Memory } = WebAssembly;
  for (const wanted of [{ ...AS_ORT, maximum: 512 }, { initial: 2 }]) {
    const memory = await withWholeMemory(() => Promise.resolve(new WebAssembly.Memory(wanted)));
    assert(memory instanceof Memory);
    assert.equal(memory.buffer.byteLength, wanted.initial * PAGE);
  }
  await assert.rejects(withWholeMemory(() => Promise.reject(new Error("no"))), /no/);
  assert.equal(WebAssembly.Memory, Memory);
  assert.equal(new WebAssembly.Memory(AS_ORT).buffer.byteLength, 256 * PAGE);
});

Deno.test("where the machine has less, memory is as large as it can be", async () => {
  const { Memory } = WebAssembly;
  const asked: number[] = [];
  class Small extends Memory {
    constructor(wanted: WebAssembly.MemoryDescriptor) {
      asked.push(wanted.initial);
      if (wanted.initial > 1024) throw new RangeError("could not allocate memory");
      super(wanted);
    }
  }
  WebAssembly.Memory = Small;
  try {
    const { buffer } = await withWholeMemory(() => Promise.resolve(new WebAssembly.Memory(AS_ORT)));
    assert.equal(buffer.byteLength, 1023 * PAGE);
    assert.deepEqual(asked, [65535, 32767, 16383, 8191, 4095, 2047, 1023]);
    const wanted = { ...AS_ORT, initial: 1024 };
    const least = await withWholeMemory(() => Promise.resolve(new WebAssembly.Memory(wanted)));
    assert.equal(least.buffer.byteLength, 1024 * PAGE);
  } finally {
    WebAssembly.Memory = Memory;
  }
});
