/**
 * What Stable Diffusion costs, on its stand-in or on any other model:
 *
 *     deno run -A tasks/stand_in.ts --size full --layout optimum --out stand-in
 *     deno run -A bench/stable_diffusion.ts iterate stand-in --device webgpu --iterations 1
 *
 * and whether the encoder's gradient is right at full size. The reference is PyTorch's, written by
 * `python tests/stable_diffusion/golden.py full 256 reference.safetensors`:
 *
 *     deno run -A bench/stable_diffusion.ts gradient stand-in reference.safetensors --device cpu
 *
 * Each prints seconds and the most memory the process has had.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { vjp } from "../src/autodiff/vjp.ts";
import { type Device, DEVICES, openBackend } from "../src/backend/select.ts";
import { encoderGraph, LATENTS, PICTURE } from "../src/diffusion/encoder_graph.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { openModel } from "../src/models/open_model.ts";
import { atPrecision, type Precision, PRECISIONS } from "../src/models/precision.ts";
import { type Model, writeModel } from "../src/onnx/model.ts";
import { segment } from "../src/segment.ts";
import { wholeNumber } from "../tasks/options.ts";
import { encoderErrors } from "../tests/stable_diffusion/encoder_errors.ts";
import { readEncoderGolden } from "../tests/stable_diffusion/golden.ts";
import { seededUniform } from "../tests/stable_diffusion/seeded_weight.ts";

/** Where and how to compute. */
interface Options {
  readonly device: Device;
  readonly precision: Precision;
}

// Mesa complains on standard error without it; nothing is written there.
if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());

const deviceOption = () => new Option("--device <name>").choices(DEVICES).default("auto" as const);
const precisionOption = () =>
  new Option("--precision <name>").choices(PRECISIONS).default("auto" as const);

await new Command("stable_diffusion")
  .addCommand(
    new Command("iterate").argument("<model>")
      .addOption(deviceOption()).addOption(precisionOption())
      .option("--iterations <n>", "after one to warm up, if more than one", wholeNumber(1), 1)
      .action((model, { iterations, ...options }) => iterate(model, iterations, options)),
  )
  .addCommand(
    new Command("gradient").argument("<model>").argument("<reference>")
      .addOption(deviceOption()).addOption(precisionOption())
      .action(gradient),
  )
  .parseAsync();

/** Times iterations of the loop. */
async function iterate(folder: string, iterations: number, { device, precision }: Options) {
  const backend = await openBackend(device);
  report("device", backend.description);
  await using model = await loadModelOn(backend, await openModel(folder), { precision });
  const side = model.pictureSize;
  const data = Uint8Array.from(seededUniform("image", 3 * side ** 2), (u) => 256 * u);
  const image = { width: side, height: side, data };
  const run = async (iterations: number) => {
    const started = performance.now();
    const [{ seconds }] = await segment(model, image, "a dog", { iterations });
    return { seconds, all: (performance.now() - started) / 1000 };
  };
  const first = await run(1);
  report("loading, embedding, first iteration", `${first.all.toFixed(1)} s`);
  report("first iteration", `${first.seconds.toFixed(2)} s`);
  if (iterations > 1) {
    const { seconds } = await run(iterations);
    report(`each of ${iterations} iterations`, `${(seconds / iterations).toFixed(3)} s`);
  }
  await reportMemory();
}

/** Compares the encoder's gradient with PyTorch's. The U-Net is not loaded. */
async function gradient(folder: string, reference: string, { device, precision }: Options) {
  const golden = readEncoderGolden(reference);
  await using backend = await openBackend(device);
  report("device", `${backend.description}; ${golden.side}² pixels`);
  const files = await openModel(folder);
  const graph = atPrecision(await files.graph("vae_encoder"), "vae_encoder", precision, backend);
  const { forward, backward } = vjp(
    encoderGraph(graph.model, {
      prompts: 1,
      pictureSize: golden.side,
      scalingFactor: files.scalingFactor,
      posterior: "sample",
    }),
    { of: LATENTS, wrt: [PICTURE] },
  );
  const load = (half: Model) => backend.load(writeModel(half), graph);
  using forwardSession = await load(forward);
  using backwardSession = await load(backward);
  const started = performance.now();
  const sessions = { forward: forwardSession, backward: backwardSession };
  const { latents, cotangent } = await encoderErrors(backend, sessions, golden);
  report("forward and backward", `${((performance.now() - started) / 1000).toFixed(1)} s`);
  report("relative error of z", latents.toExponential(1));
  report("relative error of its adjoint", cotangent.toExponential(1));
  await reportMemory();
}

function report(what: string, value: string) {
  console.log(`${what.padEnd(38)}${value}`);
}

/** The process's peak, where the system tells it. */
async function reportMemory() {
  if (Deno.build.os !== "linux") return;
  const status = await Deno.readTextFile("/proc/self/status");
  const kilobytes = Number(status.match(/VmHWM:\s*(\d+) kB/)?.[1]);
  report("most memory", `${(kilobytes / 2 ** 20).toFixed(1)} GiB`);
}
