/**
 * Prints a table of all kernels: microseconds of one dispatch on the GPU and of one run of the twin,
 * for three masks of images of several sizes, and the ratio of the two.
 *
 *     deno run -A bench/kernels.ts --sides 64,512 --rounds 3
 *
 * @module
 */
import { tmpdir } from "node:os";
import { Command, InvalidArgumentError } from "npm:@commander-js/extra-typings@15.1.0";
import type { Backend } from "../src/backend/backend.ts";
import { normal, uniform } from "../src/backend/random.ts";
import { openBackend } from "../src/backend/select.ts";
import { wholeNumber } from "../tasks/options.ts";
import { type Case, CASES, type Draw } from "../tests/conformance_cases.ts";
import { median } from "./in_turn.ts";
import { roundsOption } from "./options.ts";

const { sides, budget, rounds } = new Command("kernels")
  .option("--sides <n,n>", "sides of the images in pixels", evenNumbers, [64, 512])
  .option("--budget <ms>", "least time for each half of a kernel", wholeNumber(1), 200)
  .addOption(roundsOption(1)).parse().opts();

function evenNumbers(text: string): number[] {
  return text.split(",").map((number) => {
    const side = wholeNumber(2)(number);
    if (side % 2 === 0) return side;
    throw new InvalidArgumentError("Wanted even numbers: one kernel resizes to half of it.");
  });
}

/** Draws random numbers, the same in each run. */
function draw(): Draw {
  let counter = 0;
  const fill = (kernel: typeof normal) => (count: number) => {
    const result = new Float32Array(count);
    kernel.twin({ result }, { count, seed: 1, stream: 0, counter: counter++ });
    return result;
  };
  return { normal: fill(normal), unit: fill(uniform) };
}

/** Milliseconds per call, over as many calls as fit the budget; `settle` waits for the last. */
async function time(call: () => void, settle: () => Promise<void>): Promise<number> {
  call();
  await settle();
  // Waiting takes milliseconds, so it is timed by itself and subtracted.
  let start = performance.now();
  await settle();
  const waiting = performance.now() - start;
  for (let calls = 1;; calls *= 4) {
    start = performance.now();
    for (let i = 0; i < calls; i++) call();
    await settle();
    const spent = performance.now() - start - waiting;
    if (spent > budget) return spent / calls;
  }
}

/** Milliseconds of one dispatch on a backend. */
async function timeKernel(backend: Backend, entry: Case, side: number): Promise<number> {
  const { kernel } = entry;
  const uniforms = entry.atSide(side);
  using stack = new DisposableStack();
  const tensors = Object.fromEntries(
    Object.entries(entry.buffers(uniforms, draw())).map(([name, elements]) => {
      const data = typeof elements === "number" ? new Float32Array(elements) : elements;
      return [name, stack.use(backend.tensor([data.length], data))];
    }),
  );
  return await time(() => backend.dispatch(kernel, tensors, uniforms), () => backend.idle());
}

// Without it, Mesa complains on standard error. Nothing is written there.
if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());
await using cpu = await openBackend("cpu");
await using gpu = await openBackend("webgpu").catch((error) => void console.log(error.message));
console.log(
  `GPU: ${gpu?.description ?? "none"}; microseconds per dispatch, medians of ${rounds}\n`,
);
console.log(
  "kernel".padEnd(22) +
    sides.flatMap((side) => [`${side}² GPU`, "twin", "twin ÷ GPU"])
      .map((title) => title.padStart(12)).join(""),
);
for (const entry of CASES) {
  const cells: string[] = [];
  for (const side of sides) {
    const times: Record<"gpu" | "twin", number[]> = { gpu: [], twin: [] };
    for (let round = 0; round < rounds; round++) {
      if (gpu) times.gpu.push(await timeKernel(gpu, entry, side));
      times.twin.push(await timeKernel(cpu, entry, side));
    }
    const [onGpu, twin] = [median(times.gpu), median(times.twin)];
    cells.push(gpu ? (1000 * onGpu).toFixed(1) : "–", (1000 * twin).toFixed(1));
    cells.push(gpu ? (twin / onGpu).toFixed(3) : "–");
  }
  console.log(entry.kernel.name.padEnd(22) + cells.map((cell) => cell.padStart(12)).join(""));
}
