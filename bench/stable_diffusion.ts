/**
 * What Stable Diffusion costs, and of that its U-Net, on its stand-in or on any other model:
 *
 *     deno run -A tasks/stand_in.ts --size full --layout optimum --out stand-in
 *     deno run -A bench/stable_diffusion.ts iterate stand-in --device webgpu --iterations 1
 *
 * and what the encoder's gradient costs, and whether it is right at full size. The reference is PyTorch's, written by
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
import { type Device, openBackend } from "../src/backend/select.ts";
import { Denoiser } from "../src/diffusion/denoiser.ts";
import { Encoder } from "../src/diffusion/encoder.ts";
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
import { inTurn } from "./in_turn.ts";
import { deviceOption, roundsOption } from "./options.ts";

/** Where and how to compute. */
interface Options {
  readonly device: Device;
  readonly precision: Precision;
  readonly rounds: number;
}

// Mesa complains on standard error without it; nothing is written there.
if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());

const PROMPT = "a dog";

const precisionOption = () =>
  new Option("--precision <name>").choices(PRECISIONS).default("auto" as const);

await new Command("stable_diffusion")
  .addCommand(
    new Command("iterate").argument("<model>")
      .addOption(deviceOption()).addOption(precisionOption()).addOption(roundsOption(1))
      .option("--iterations <n>", "in a round, after one to warm up", wholeNumber(1), 1)
      .action((model, { iterations, ...options }) => iterate(model, iterations, options)),
  )
  .addCommand(
    new Command("gradient").argument("<model>").argument("<reference>")
      .addOption(deviceOption()).addOption(precisionOption()).addOption(roundsOption(1))
      .action(gradient),
  )
  .parseAsync();

/** Times iterations of the loop, and in turn the U-Net alone, which an iteration runs once. */
async function iterate(
  folder: string,
  iterations: number,
  { device, precision, rounds }: Options,
) {
  const backend = await openBackend(device);
  report("device", backend.description);
  await using model = await loadModelOn(backend, await openModel(folder), { precision });
  const side = model.pictureSize;
  const data = Uint8Array.from(seededUniform("image", 3 * side ** 2), (u) => 256 * u);
  const image = { width: side, height: side, data };
  const started = performance.now();
  const [{ seconds }] = await segment(model, image, PROMPT, { iterations: 1 });
  report("loading, embedding, first iteration", inSeconds(performance.now() - started));
  report("first iteration", `${seconds.toFixed(2)} s`);

  const { unet } = await model.networks(1, model.defaults.posterior);
  const { data: both, shape: [, tokens, width] } = await model.embed([PROMPT]);
  using embeddings = backend.tensor([2, tokens, width], both);
  const { scheduler, latentShape, defaults: { guidanceScale } } = model;
  const settings = { unet, scheduler, latentShape, embeddings, prompts: 1, guidanceScale };
  using denoiser = new Denoiser(backend, settings);
  const all = await inTurn({
    iterations: () => segment(model, image, PROMPT, { iterations }),
    unet: async () => {
      for (let i = 0; i < iterations; i++) await denoiser.predict(500);
    },
  }, { rounds, warmUp: false, wait: () => backend.idle() });
  report(`each of ${iterations} iterations`, inSeconds(all.iterations / iterations));
  report("U-Net, batch of 2", inSeconds(all.unet / iterations));
  report("iteration ÷ U-Net", (all.iterations / all.unet).toFixed(3));
  await reportMemory();
}

/** Compares the encoder's gradient with PyTorch's. The U-Net is not loaded. */
async function gradient(
  folder: string,
  reference: string,
  { device, precision, rounds }: Options,
) {
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
  const sessions = { forward: forwardSession, backward: backwardSession };
  const { latents, cotangent } = await encoderErrors(backend, sessions, golden);
  using encoder = new Encoder(backend, sessions);
  using picture = backend.tensor([1, 3, golden.side, golden.side], golden.picture);
  using latentCotangent = backend.tensor(encoder.latents.shape, golden.latentCotangent);
  const times = await inTurn({
    forward: () => encoder.forward(picture),
    both: async () => {
      await encoder.forward(picture);
      await encoder.adjoint(latentCotangent);
    },
  }, { rounds, warmUp: false, wait: () => backend.idle() });
  report("forward", inSeconds(times.forward));
  report("forward and backward", inSeconds(times.both));
  report("forward and backward ÷ forward", (times.both / times.forward).toFixed(2));
  report("relative error of z", latents.toExponential(1));
  report("relative error of its adjoint", cotangent.toExponential(1));
  await reportMemory();
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)} s`;
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
