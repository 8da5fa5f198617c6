/**
 * Compares an iteration with its network calls alone, and the differentiated encoder with the plain
 * one. Both sides of a ratio are timed in turn, in the same run; medians are printed.
 *
 *     deno run -A bench/loop.ts --device cpu --each 10 --rounds 7 --variant rgb-bilateral
 *
 * @module
 */
import { tmpdir } from "node:os";
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { Encoder } from "../src/diffusion/encoder.ts";
import { Denoiser } from "../src/diffusion/denoiser.ts";
import { seededDraws } from "../src/diffusion/draws.ts";
import { graphOf, writeModel } from "../src/onnx/model.ts";
import { fixShapes } from "../src/onnx/fix_shapes.ts";
import { loadNetworks } from "../src/diffusion/load_networks.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { type Device, openBackend } from "../src/backend/select.ts";
import { openModel } from "../src/models/open_model.ts";
import { embedTexts } from "../src/prompt/embed.ts";
import { resolveSettings, type Settings } from "../src/settings/settings.ts";
import { VARIANTS } from "../src/settings/table.ts";
import { createStages } from "../src/stages.ts";
import { step } from "../src/step.ts";
import { wholeNumber } from "../tasks/options.ts";
import { inTurn } from "./in_turn.ts";
import { deviceOption, roundsOption } from "./options.ts";

// Without it, Mesa complains on standard error. Nothing is written there.
if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());
await main(
  new Command("loop")
    .addOption(deviceOption()).addOption(roundsOption(7))
    .option("--each <n>", "iterations in a round", wholeNumber(1), 10)
    .addOption(new Option("--variant <name>", "the model's own by default").choices(VARIANTS))
    .parse().opts(),
);

/** Options of this bench. */
interface Options {
  readonly device: Device;
  readonly rounds: number;
  /** Iterations in a round. */
  readonly each: number;
  readonly variant?: Settings["variant"] | undefined;
}

async function main({ device, rounds, each, variant }: Options) {
  const backend = await openBackend(device);
  const files = await openModel("emoji");
  await using model = await loadModelOn(backend, files);
  const { alphasCumprod } = model.noiseSchedule;
  const settings = resolveSettings(model.defaults, { variant }, alphasCumprod.length);
  const { description } = backend;
  console.log(
    `${backend.device}: ${description}; ${settings.variant}; medians of ${rounds} × ${each}`,
  );
  const pixels = new Float32Array(3 * settings.alphaSize ** 2).map((_, k) =>
    0.5 + 0.5 * Math.sin(k)
  );
  const embeddings = await embedTexts(model, ["", "a strawberry"]);
  using stages = await createStages(model, { pixels, embeddings, settings });
  const draws = seededDraws(backend, settings);

  // The same sessions on tensors of their own.
  const networks = await loadNetworks(model, 1, settings.posterior);
  using encoder = new Encoder(backend, networks);
  using blended = backend.tensor([1, 3, model.imageSize, model.imageSize]);
  using cotangent = backend.tensor(encoder.latents.shape);
  const { guidanceScale } = settings;
  const { noiseSchedule, latentShape } = model;
  const [, tokens, width] = embeddings.shape;
  using pair = backend.tensor([2, tokens, width], embeddings.data);
  using denoiser = new Denoiser(backend, {
    unet: networks.unet,
    noiseSchedule,
    latentShape,
    embeddings: pair,
    prompts: 1,
    guidanceScale,
  });

  // The encoder as its file has it, which keeps nothing for a backward pass.
  const { model: original } = await files.graph("vae_encoder");
  const [{ name: sample }] = graphOf(original).input;
  const fixed = fixShapes(original, { [sample]: [...blended.shape] });
  using alone = await backend.load(writeModel(fixed));
  const [{ name: parameters, shape }] = alone.outputs;
  using output = backend.tensor(shape as number[]);

  let i = 0;
  const timings = await inTurn({
    iteration: () => step(stages, draws, i++),
    // In the loop's order, because a network that runs twice finds its weights in the cache.
    bare: async () => {
      await encoder.forward(blended);
      await denoiser.predict(500);
      await encoder.adjoint(cotangent);
    },
    parametrize: async () => {
      await stages.parametrization.forward();
      await stages.parametrization.adjoint(stages.compositor.alphaCotangent);
    },
    optimize: () => Promise.resolve(stages.optimizer.step()),
    unet: () => denoiser.predict(500),
    encoder: () => encoder.forward(blended),
    adjoint: () => encoder.adjoint(cotangent),
    plain: () => alone.run({ [sample]: blended }, { [parameters]: output }),
  }, { rounds, each, wait: () => backend.idle() });
  const { iteration, bare, unet: predict, encoder: forward, adjoint: backward } = timings;
  const line = (name: string, value: string) => console.log(`  ${name.padEnd(36)}${value}`);
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  line("one iteration", ms(iteration));
  line("its bare model calls", ms(bare));
  line("parametrization and its adjoint", ms(timings.parametrize));
  line("optimiser's step", ms(timings.optimize));
  line("U-Net, batch of 2", ms(predict));
  line("encoder forward, with residuals", ms(forward));
  line("encoder backward", ms(backward));
  line("encoder alone", ms(timings.plain));
  line("iteration ÷ bare model calls", (iteration / bare).toFixed(3));
  line("VJP (forward + backward) ÷ encoder", ((forward + backward) / timings.plain).toFixed(2));
}
