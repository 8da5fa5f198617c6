/**
 * Prints a table of all kernels: microseconds of one dispatch on the GPU and of one run of the twin,
 * at 64² and 512² pixels, three masks. Run: `deno run -A bench/kernels.ts`
 */
import { tmpdir } from "node:os";
import type { Backend } from "../src/backend/backend.ts";
import type { Kernel } from "../src/backend/kernel.ts";
import { uniform } from "../src/backend/random.ts";
import { openBackend } from "../src/backend/select.ts";
import { CASES } from "../tests/conformance_cases.ts";

const PLANES = 3;
/** Milliseconds spent on each half of each kernel. */
const BUDGET = 200;

/** Uniforms of an image of `side`² pixels; every kernel takes the names it knows. */
function uniformsAt(side: number): Record<string, number> {
  const count = side * side;
  const sizes = { planes: PLANES, channels: 3, height: side, width: side, pixels: count, count };
  const inOut = { inHeight: side / 2, inWidth: side / 2, outHeight: side, outWidth: side };
  const colors = { red: 0.2, green: 0.4, blue: 0.6 };
  const schedule = { signal: 0.6, weight: 0.4, predictionScale: 1, noisyScale: 0 };
  const guidance = { guidanceScale: 100, lambda: 0.05, sigma: 0.8, tau: 0.08 };
  const steps = { learningRate: 1e-3, momentum: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const draws = { correction1: 0.1, correction2: 0.001, seed: 1, stream: 0, counter: 0 };
  return { ...sizes, ...inOut, ...colors, ...schedule, ...guidance, ...steps, ...draws };
}

/** Milliseconds of one call, from as many as fit the budget; `settle` waits for the last. */
async function time(call: () => void, settle: () => Promise<void>): Promise<number> {
  call();
  await settle();
  // Waiting costs milliseconds, so it is measured by itself and taken off.
  let start = performance.now();
  await settle();
  const waiting = performance.now() - start;
  for (let calls = 1;; calls *= 4) {
    start = performance.now();
    for (let i = 0; i < calls; i++) call();
    await settle();
    const spent = performance.now() - start;
    if (spent > BUDGET) return (spent - waiting) / calls;
  }
}

/** Milliseconds of one dispatch on a backend. */
async function timeKernel(backend: Backend, kernel: Kernel, side: number): Promise<number> {
  using stack = new DisposableStack();
  // Nine planes, the largest buffer of any kernel: the weights, or three composites.
  const data = new Float32Array(9 * side * side);
  uniform.twin({ result: data }, { count: data.length, seed: 1, stream: 0, counter: 0 });
  const tensors = Object.fromEntries(
    Object.keys(kernel.bindings).map((name) => [
      name,
      stack.use(backend.tensor([data.length], data)),
    ]),
  );
  const uniforms = uniformsAt(side);
  return await time(() => backend.dispatch(kernel, tensors, uniforms), () => backend.idle());
}

if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());
await using cpu = await openBackend("cpu");
await using gpu = await openBackend("webgpu").catch((error) => void console.error(error.message));
console.log(`GPU: ${gpu?.description ?? "none"}; microseconds a dispatch, ${PLANES} masks\n`);
console.log(
  "kernel".padEnd(18) + ["64² GPU", "twin", "ratio", "512² GPU", "twin", "ratio"]
    .map((title) => title.padStart(10)).join(""),
);
for (const { kernel } of CASES) {
  const cells: string[] = [];
  for (const side of [64, 512]) {
    const onGpu = gpu ? await timeKernel(gpu, kernel, side) : NaN;
    const twin = await timeKernel(cpu, kernel, side);
    cells.push(gpu ? (1000 * onGpu).toFixed(1) : "–", (1000 * twin).toFixed(1));
    cells.push(gpu ? (twin / onGpu).toFixed(2) : "–");
  }
  console.log(kernel.name.padEnd(18) + cells.map((cell) => cell.padStart(10)).join(""));
}
