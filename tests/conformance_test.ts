/**
 * Compares every WGSL kernel with its TypeScript twin, on random shapes and inputs.
 */
import assert from "node:assert/strict";
import fc, { pinned } from "./fast_check.ts";
import { regularize } from "../src/parametrization/regularizer.ts";
import type { Backend, Tensor } from "../src/backend/backend.ts";
import { normal, uniform } from "../src/backend/random.ts";
import { sum } from "../src/backend/reduce.ts";
import { createWebGpuBackend } from "../src/backend/webgpu.ts";
import { noAdapter, testAdapter } from "./backends.ts";
import { type Case, CASES, type Draw, word } from "./conformance_cases.ts";

/** Random numbers that differ from call to call, and are the same for equal seeds. */
function drawFrom(seed: number): Draw {
  let counter = 0;
  const fill = (kernel: typeof normal) => (count: number) => {
    const result = new Float32Array(count);
    kernel.twin({ result }, { count, seed, stream: 0, counter: counter++ });
    return result;
  };
  return { normal: fill(normal), unit: fill(uniform) };
}

/** Fills buffers that the kernel only writes, and 3 elements behind the end of every buffer. */
const UNTOUCHED = 7;

function padded(elements: Float32Array | number): Float32Array {
  const count = typeof elements === "number" ? elements : elements.length;
  const result = new Float32Array(count + 3).fill(UNTOUCHED);
  if (typeof elements !== "number") result.set(elements);
  return result;
}

/** Runs both halves of a kernel on equal buffers, and compares the buffers. */
async function compare(
  backend: Backend,
  { kernel, buffers, tolerance }: Case,
  uniforms: Record<string, number>,
  seed: number,
) {
  using stack = new DisposableStack();
  const host: Record<string, Float32Array> = {};
  const tensors: Record<string, Tensor> = {};
  for (const [name, elements] of Object.entries(buffers(uniforms, drawFrom(seed)))) {
    host[name] = padded(elements);
    tensors[name] = stack.use(backend.tensor([host[name].length], host[name]));
  }
  backend.dispatch(kernel, tensors, uniforms);
  kernel.twin(host, uniforms);
  for (const name in kernel.bindings) {
    const expected = host[name];
    const actual = await backend.read(tensors[name]);
    const scale = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 1);
    for (let i = 0; i < expected.length; i++) {
      // Written so that NaN fails.
      if (Math.abs(actual[i] - expected[i]) <= tolerance * scale) continue;
      assert.fail(`${name}[${i}] is ${actual[i]}, the twin says ${expected[i]}`);
    }
  }
}

const shaders = new URL("../shaders/", import.meta.url);
const gpu = noAdapter ? undefined : await createWebGpuBackend((await testAdapter())!);
Deno.test.afterAll(async () => await gpu?.[Symbol.asyncDispose]());

/** Registers a test, which is ignored if the machine has no adapter. */
function testOnGpu(name: string, test: (gpu: Backend) => Promise<void>) {
  Deno.test({ name, ignore: !gpu, fn: () => test(gpu!) });
}

for (const entry of CASES) {
  testOnGpu(`${entry.kernel.name}: WGSL agrees with its twin`, async (gpu) => {
    const uses = fc.tuple(entry.uniforms, word);
    const property = fc.asyncProperty(
      uses,
      ([uniforms, seed]) => compare(gpu, entry, uniforms, seed),
    );
    await fc.assert(property, { numRuns: 12, examples: pinned(uses, 1, 4) });
  });
}

testOnGpu(
  "a kernel of more threads than one row of workgroups reaches all of them",
  async (gpu) => {
    const count = 65535 * 64 + 100;
    const entry = CASES.find(({ kernel }) => kernel === regularize)!;
    await compare(gpu, entry, { count, lambda: 0.5 }, 1);
  },
);

testOnGpu("sum of more planes than one row of workgroups reaches all of them", async (gpu) => {
  const entry = CASES.find(({ kernel }) => kernel === sum)!;
  await compare(gpu, entry, { planes: 65537, count: 3 }, 1);
});

Deno.test("every entry point under shaders/ has a case, and only once", () => {
  const wanted: string[] = [];
  for (const { name } of Deno.readDirSync(shaders)) {
    const code = Deno.readTextFileSync(new URL(name, shaders));
    for (const [, entryPoint] of code.matchAll(/@compute[^{]*?\bfn\s+(\w+)/g)) {
      wanted.push(`${entryPoint} of ${code}`);
    }
  }
  const tried = CASES.map(({ kernel }) => `${kernel.entryPoint ?? "main"} of ${kernel.wgsl}`);
  assert.deepEqual(tried.sort(), wanted.sort());
  assert.equal(new Set(CASES.map(({ kernel }) => kernel.name)).size, CASES.length);
});

for (const { kernel } of CASES) {
  Deno.test(`${kernel.name}: the record says what the WGSL declares`, () => {
    const struct = kernel.wgsl.match(/struct Uniforms \{([^}]*)\}/)![1];
    const fields = [...struct.matchAll(/(\w+): (\w+),/g)].map(([, name, type]) => [name, type]);
    assert.deepEqual(fields, Object.entries(kernel.uniforms));

    const storage = /@binding\((\d+)\) var<storage, (\w+)> (\w+): array<f32>;/g;
    const bindings = [...kernel.wgsl.matchAll(storage)].map(([, ...declared]) => declared);
    assert.deepEqual(
      bindings,
      Object.entries(kernel.bindings).map(([name, access], i) => [`${i + 1}`, access, name]),
    );
    assert.match(kernel.wgsl, /@group\(0\) @binding\(0\) var<uniform> u: Uniforms;/);
    // Few cases are so large that the rows of workgroups count; see kernel.ts.
    assert.match(
      kernel.wgsl,
      /= (id.x \+ id.y \* groups.x \* 64u|group.x \+ group.y \* groups.x);/,
    );
  });
}
