/** Every bench, once and small, as a process: it ends well and prints the ratios it is there for. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { noAdapter } from "./backends.ts";
import { run, temporaryFolder } from "./cli/run.ts";
import { CASES } from "./conformance_cases.ts";
import { writeStandIn } from "./stable_diffusion/stand_in.ts";

const BENCHES = new URL("../bench/", import.meta.url);

/** Runs `deno run -A bench/<name>.ts` with one round. @returns The lines it prints. */
async function bench(name: string, ...args: string[]): Promise<string[]> {
  await using folder = await temporaryFolder();
  const program = fileURLToPath(new URL(`${name}.ts`, BENCHES));
  const { code, stdout, stderr } = await run([...args, "--rounds", "1"], folder.path, program);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout.split("\n");
}

/** The number at the end of the line that starts so, which must be finite and above 0. */
function ratio(lines: readonly string[], name: string): number {
  const line = lines.find((line) => line.trim().startsWith(name));
  const value = Number(line?.match(/(\S+)$/)?.[1]);
  assert.ok(value > 0 && Number.isFinite(value), `${name}: ${line}`);
  return value;
}

/** The lines that each bench must print. */
const CHECKS: Record<string, () => Promise<void>> = {
  async cold_start() {
    const lines = await bench("cold_start", "--device", "cpu");
    assert.ok(ratio(lines, "cold start ÷ --version") > 1, "an iteration takes time");
  },

  async loop() {
    const lines = await bench("loop", "--device", "cpu", "--each", "1");
    ratio(lines, "iteration ÷ bare model calls");
    ratio(lines, "VJP (forward + backward) ÷ encoder");
  },

  async attention() {
    ratio(await bench("attention", "--device", "cpu", "--tokens", "256"), "small pieces ÷ large");
  },

  async kernels() {
    const lines = await bench("kernels", "--sides", "16,32", "--budget", "1");
    // Without a GPU there are the twins.
    const measured = noAdapter ? [1, 4] : [0, 1, 2, 3, 4, 5];
    for (const { kernel: { name } } of CASES) {
      const row = lines.find((line) => line.startsWith(`${name} `));
      const cells = row?.trim().split(/ +/).slice(1) ?? [];
      assert.equal(cells.length, 6, `${name}: ${row}`);
      const numbers = measured.map((i) => Number(cells[i]));
      assert.ok(numbers.every((value) => value >= 0 && Number.isFinite(value)), `${row}`);
    }
  },

  async stable_diffusion() {
    await using folder = await temporaryFolder();
    const golden = fileURLToPath(new URL("stable_diffusion/golden.safetensors", import.meta.url));
    await writeStandIn(folder.path, { size: "small", layout: "optimum", sampleSize: 8 });
    const where = ["--device", "cpu"];
    const iterated = await bench("stable_diffusion", "iterate", folder.path, ...where);
    assert.ok(ratio(iterated, "iteration ÷ U-Net") > 1, "an iteration runs the U-Net once");
    const halves = await bench("stable_diffusion", "gradient", folder.path, golden, ...where);
    ratio(halves, "forward and backward ÷ forward");
    assert.ok(ratio(halves, "relative error of its adjoint") < 1e-4);
  },
};

for (const [name, check] of Object.entries(CHECKS)) {
  Deno.test(`bench/${name}.ts runs with one round and prints its ratios`, check);
}

Deno.test("every program in bench/ is checked", async () => {
  const programs: string[] = [];
  for await (const { name } of Deno.readDir(BENCHES)) {
    const text = await Deno.readTextFile(new URL(name, BENCHES));
    if (text.includes(`deno run -A bench/${name}`)) programs.push(name);
  }
  assert.deepEqual(Object.keys(CHECKS).map((name) => `${name}.ts`).sort(), programs.sort());
});
