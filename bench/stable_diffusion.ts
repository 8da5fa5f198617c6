/**
 * Times iterations of Stable Diffusion, and its U-Net alone, on its stand-in or on any other model:
 *
 *     deno run -A tasks/stand_in.ts --size full --layout optimum --out stand-in
 *     deno run -A bench/stable_diffusion.ts iterate stand-in --device webgpu --prompts 2
 *
 * It also times the encoder's gradient, and compares it with PyTorch's at full size, which
 * `python tests/stable_diffusion/golden.py full 256 reference.safetensors` writes:
 *
 *     deno run -A bench/stable_diffusion.ts gradient stand-in reference.safetensors --device cpu
 *
 * Each prints seconds and the process's peak of memory. On a GPU, `iterate` also prints the largest
 * buffer and the most bytes that buffers took at once. With `--largest-buffer 128` the device refuses
 * buffers above 128 MiB, as some drivers do.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { RECOMPUTE, type Recompute } from "../src/autodiff/recompute.ts";
import { vjp } from "../src/autodiff/vjp.ts";
import type { Backend } from "../src/backend/backend.ts";
import { type Device, openBackend } from "../src/backend/select.ts";
import { Denoiser } from "../src/diffusion/denoiser.ts";
import { COMPOSITE, Encoder, encoderGraph, LATENTS } from "../src/diffusion/encoder.ts";
import { loadNetworks } from "../src/diffusion/load_networks.ts";
import type { Image } from "../src/image/image.ts";
import { guidancePairs } from "../src/diffusion/noise_predictor.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { openModel } from "../src/models/open_model.ts";
import { atPrecision, type Precision, PRECISIONS } from "../src/models/precision.ts";
import { type OnnxModel, writeModel } from "../src/onnx/model.ts";
import { embedTexts } from "../src/prompt/embed.ts";
import { segment } from "../src/segment.ts";
import { wholeNumber } from "../tasks/options.ts";
import { type BufferUsage, limitedAdapter } from "../tests/limited_gpu.ts";
import { encoderErrors } from "../tests/stable_diffusion/encoder_errors.ts";
import { readEncoderGolden } from "../tests/stable_diffusion/golden.ts";
import { seededUniform } from "../tests/stable_diffusion/seeded_weight.ts";
import { inTurn } from "./in_turn.ts";
import { deviceOption, roundsOption } from "./options.ts";

/** Options of both commands. */
interface Options {
  readonly device: Device;
  readonly precision: Precision;
  readonly rounds: number;
}

// Without it, Mesa complains on standard error. Nothing is written there.
if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());

const PROMPT = "a dog";

const precisionOption = () =>
  new Option("--precision <name>").choices(PRECISIONS).default("auto" as const);

await new Command("stable_diffusion")
  .addCommand(
    new Command("iterate").argument("<model>")
      .addOption(deviceOption()).addOption(precisionOption()).addOption(roundsOption(1))
      .option("--prompts <n>", "prompts in one batch", wholeNumber(1), 1)
      .option("--iterations <n>", "in a round, after one to warm up", wholeNumber(1), 1)
      .option("--largest-buffer <MiB>", "the GPU refuses larger ones", wholeNumber(1))
      .addOption(new Option("--recompute <how>").choices(RECOMPUTE).default("cheap" as const))
      .action(iterate),
  )
  .addCommand(
    new Command("gradient").argument("<model>").argument("<reference>")
      .addOption(deviceOption()).addOption(precisionOption()).addOption(roundsOption(1))
      .action(gradient),
  )
  .parseAsync();

/** Options of `iterate`. */
interface IterateOptions extends Options {
  /** P, the number of prompts in a batch. */
  readonly prompts: number;
  readonly iterations: number;
  readonly recompute: Recompute;
  /** In MiB. */
  readonly largestBuffer?: number | undefined;
}

/** Times iterations of the loop and, in turn, the U-Net alone, which an iteration runs once. */
async function iterate(folder: string, options: IterateOptions) {
  const { device, precision, rounds, prompts, iterations, recompute, largestBuffer } = options;
  const texts = Array<string>(prompts).fill(PROMPT);
  const { backend, usage } = await countingBackend(device, largestBuffer);
  report("device", backend.description);
  const files = await openModel(folder);
  await using model = await loadModelOn(backend, files, { precision, recompute });
  if (usage) reportBuffers("loaded", usage);
  const side = model.imageSize;
  const data = Uint8Array.from(seededUniform("image", 3 * side ** 2), (u) => 256 * u);
  const image: Image = { width: side, height: side, channels: 3, data };
  const started = performance.now();
  const [{ seconds }] = await segment(model, image, texts, { iterations: 1 });
  report("loading, embedding, first iteration", inSeconds(performance.now() - started));
  report("first iteration", `${seconds.toFixed(2)} s`);

  const { unet } = await loadNetworks(model, prompts, model.defaults.posterior);
  using embeddings = guidancePairs(backend, await embedTexts(model, ["", ...texts]));
  const { noiseSchedule, latentShape, defaults: { guidanceScale } } = model;
  const settings = { unet, noiseSchedule, latentShape, embeddings, prompts, guidanceScale };
  using denoiser = new Denoiser(backend, settings);
  const all = await inTurn({
    iterations: () => segment(model, image, texts, { iterations }),
    unet: async () => {
      for (let i = 0; i < iterations; i++) await denoiser.predict(500);
    },
  }, { rounds, warmUp: false, wait: () => backend.idle() });
  report(`each of ${iterations} iterations`, inSeconds(all.iterations / iterations));
  report(`U-Net, batch of ${2 * prompts}`, inSeconds(all.unet / iterations));
  report("iteration ÷ U-Net", (all.iterations / all.unet).toFixed(3));
  if (usage) reportBuffers("in all", usage);
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
      imageSize: golden.side,
      scalingFactor: files.scalingFactor,
      posterior: "sample",
    }),
    { of: LATENTS, wrt: [COMPOSITE] },
  );
  const load = (half: OnnxModel) => backend.load(writeModel(half), graph);
  using forwardSession = await load(forward);
  using backwardSession = await load(backward);
  const sessions = { forward: forwardSession, backward: backwardSession };
  const { latents, cotangent } = await encoderErrors(backend, sessions, golden);
  using encoder = new Encoder(backend, sessions);
  using image = backend.tensor([1, 3, golden.side, golden.side], golden.image);
  using latentCotangent = backend.tensor(encoder.latents.shape, golden.latentCotangent);
  const times = await inTurn({
    forward: () => encoder.forward(image),
    both: async () => {
      await encoder.forward(image);
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

/** The backend of a device and, if it is a GPU, the buffers that are asked of it. */
async function countingBackend(
  device: Device,
  largestBuffer: number | undefined,
): Promise<{ backend: Backend; usage?: BufferUsage | undefined }> {
  let usage: BufferUsage | undefined;
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = await navigator.gpu.requestAdapter(options);
    if (!adapter) return null;
    const limited = limitedAdapter(adapter, 2 ** 20 * (largestBuffer ?? Infinity));
    usage = limited.usage;
    return limited.adapter;
  };
  const backend = await openBackend(device, { gpu: { requestAdapter } });
  return backend.device === "webgpu" ? { backend, usage } : { backend };
}

function reportBuffers(when: string, { largest, largestLabel, peak, refused }: BufferUsage) {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  report(`largest buffer, ${when}`, `${mebibytes(largest)} (${largestLabel})`);
  report(`most bytes in buffers, ${when}`, mebibytes(peak));
  if (refused.length > 0) report("buffers refused", refused.map(mebibytes).join(", "));
}

function report(what: string, value: string) {
  console.log(`${what.padEnd(38)}${value}`);
}

/** Reports the process's peak of memory, where the system tells it. */
async function reportMemory() {
  if (Deno.build.os !== "linux") return;
  const status = await Deno.readTextFile("/proc/self/status");
  const kilobytes = Number(status.match(/VmHWM:\s*(\d+) kB/)?.[1]);
  report("most memory", `${(kilobytes / 2 ** 20).toFixed(1)} GiB`);
}
