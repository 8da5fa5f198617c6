/**
 * What the loop costs beyond the networks, and what differentiating the encoder costs beyond
 * running it. Both sides of a ratio are timed in turn, in the same run; medians are printed.
 *
 *     deno run -A bench/loop.ts [cpu|webgpu|auto] [iterations a round] [rounds] [variant]
 *
 * @module
 */
import { tmpdir } from "node:os";
import { Encoder } from "../src/diffusion/encoder.ts";
import { Denoiser } from "../src/diffusion/denoiser.ts";
import { seededDraws } from "../src/diffusion/draws.ts";
import { graphOf, writeModel } from "../src/onnx/model.ts";
import { fixShapes } from "../src/onnx/fix_shapes.ts";
import { loadModelOn } from "../src/models/load_model.ts";
import { type Device, openBackend } from "../src/backend/select.ts";
import { openModel } from "../src/models/open_model.ts";
import { resolveSettings, type Settings } from "../src/settings.ts";
import { createStages } from "../src/stages.ts";
import { step } from "../src/step.ts";

// Mesa complains on standard error without it; nothing is written there.
if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());
const [device = "auto", each = "10", rounds = "7", variant] = Deno.args;
await main(device as Device, Number(each), Number(rounds), variant as Settings["variant"]);

async function main(
  device: Device,
  each: number,
  rounds: number,
  variant: Settings["variant"] | undefined,
) {
  const backend = await openBackend(device);
  const files = await openModel("emoji");
  await using model = await loadModelOn(backend, files);
  const { alphasCumprod } = model.scheduler;
  const settings = resolveSettings(model.defaults, { variant }, alphasCumprod.length);
  const { description } = backend;
  console.log(
    `${backend.device}: ${description}; ${settings.variant}; medians of ${rounds} × ${each}`,
  );
  const picture = new Float32Array(3 * settings.alphaSize ** 2).map((_, k) =>
    0.5 + 0.5 * Math.sin(k)
  );
  const embeddings = await model.embed(["a strawberry"]);
  using stages = await createStages(model, { picture, embeddings, settings });
  const draws = seededDraws(backend, settings);

  // The same sessions on tensors of their own.
  const { unet, encoder: sessions } = await model.networks(1, settings.posterior);
  using encoder = new Encoder(backend, sessions);
  using blended = backend.tensor([1, 3, model.pictureSize, model.pictureSize]);
  using cotangent = backend.tensor(encoder.latents.shape);
  const { guidanceScale } = settings;
  const { scheduler, latentShape } = model;
  const [, tokens, width] = embeddings.shape;
  using pair = backend.tensor([2, tokens, width], embeddings.data);
  using denoiser = new Denoiser(backend, {
    unet,
    scheduler,
    latentShape,
    embeddings: pair,
    prompts: 1,
    guidanceScale,
  });

  // The encoder as it came, with nothing kept for a backward pass.
  const { model: original } = await files.graph("vae_encoder");
  const [{ name: sample }] = graphOf(original).input;
  const fixed = fixShapes(original, { [sample]: [...blended.shape] });
  using alone = await backend.load(writeModel(fixed));
  const [{ name: parameters, shape }] = alone.outputs;
  using output = backend.tensor(shape as number[]);

  let i = 0;
  const timings = await inTurn(rounds, each, () => backend.idle(), {
    iteration: () => step(stages, draws, i++),
    // In the loop's order: a network run many times over finds its weights in the cache.
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
  });
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

/** Median milliseconds a call of each job, timed in turn so that a busy machine slows all alike. */
async function inTurn<Name extends string>(
  rounds: number,
  each: number,
  wait: () => Promise<void>,
  jobs: Record<Name, () => Promise<void>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(jobs) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      await wait();
      const started = performance.now();
      for (let k = 0; k < each; k++) await jobs[name]();
      await wait();
      // The first round compiles.
      if (round >= 0) times[name].push((performance.now() - started) / each);
    }
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<
    Name,
    number
  >;
}
