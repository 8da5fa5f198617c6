import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import {
  readImageInput,
  readNoiseSchedule,
  readSamplerConfig,
  readSampleSize,
  readScalingFactor,
} from "./model_config.ts";
import { memoryFiles } from "../../tests/memory_files.ts";

const read = (config: object) =>
  readImageInput({
    label: "Model",
    has: () => Promise.resolve(true),
    read: () => Promise.resolve(new TextEncoder().encode(JSON.stringify(config))),
  });
const CHANNELS = { image_mean: [0.5, 0.5, 0.5], image_std: [0.25, 0.25, 0.25] };

Deno.test("readImageInput() reads sizes in every form that processors write", async () => {
  for (
    const sizes of [
      { size: 224 },
      { size: { shortest_edge: 224 } },
      { size: { height: 224, width: 224 } },
      // CLIP's network sees only the crop.
      { size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } },
      { size: 224, crop_size: 192, do_center_crop: false },
    ]
  ) {
    const { size, mean, std } = await read({ ...sizes, ...CHANNELS });
    assert.deepEqual([size, mean, std], [224, CHANNELS.image_mean, CHANNELS.image_std]);
  }
  assert.equal((await read({ size: 518, ensure_multiple_of: 14, ...CHANNELS })).multipleOf, 14);
  const { mean, std } = await read({ size: 384, do_normalize: false });
  assert.deepEqual([mean, std], [[0, 0, 0], [1, 1, 1]]);
});

Deno.test("readImageInput() names a field that is missing or unusable", async () => {
  await assert.rejects(read(CHANNELS), refusal(/field "size" .* is missing/));
  await assert.rejects(read({ size: 8 }), refusal(/field "image_mean" .* is missing/));
  await assert.rejects(
    read({ ...CHANNELS, size: { height: 2, width: 3 } }),
    refusal(/field "size/),
  );
});

const SCHEDULER_FILE = "scheduler/scheduler_config.json";

/** A model's files that hold these configurations. */
const configured = (scheduler: object, pipeline: object = {}, others: object = {}) =>
  memoryFiles({ "model_index.json": pipeline, [SCHEDULER_FILE]: scheduler, ...others });

/** Classes whose noise is DDPM's, with the first and last β that diffusers gives each by default. */
const AS_DDPM: Readonly<Record<string, readonly [string, number, number]>> = {
  DDIMScheduler: ["linear", 1e-4, 0.02],
  DDPMScheduler: ["linear", 1e-4, 0.02],
  DEISMultistepScheduler: ["linear", 1e-4, 0.02],
  DPMSolverMultistepScheduler: ["linear", 1e-4, 0.02],
  DPMSolverSDEScheduler: ["linear", 0.00085, 0.012],
  DPMSolverSinglestepScheduler: ["linear", 1e-4, 0.02],
  EulerAncestralDiscreteScheduler: ["linear", 1e-4, 0.02],
  EulerDiscreteScheduler: ["linear", 1e-4, 0.02],
  FlaxPNDMScheduler: ["linear", 1e-4, 0.02],
  HeunDiscreteScheduler: ["linear", 0.00085, 0.012],
  KDPM2AncestralDiscreteScheduler: ["linear", 0.00085, 0.012],
  KDPM2DiscreteScheduler: ["linear", 0.00085, 0.012],
  LCMScheduler: ["scaled_linear", 0.00085, 0.012],
  LMSDiscreteScheduler: ["linear", 1e-4, 0.02],
  PNDMScheduler: ["linear", 1e-4, 0.02],
  TCDScheduler: ["scaled_linear", 0.00085, 0.012],
  UniPCMultistepScheduler: ["linear", 1e-4, 0.02],
};

Deno.test("readNoiseSchedule() takes every class whose noise is DDPM's, with its default βs", async () => {
  for (const [name, wanted] of Object.entries(AS_DDPM)) {
    for (
      const source of [
        configured({ _class_name: name }),
        configured({}, { scheduler: ["diffusers", name] }),
        configured({ _class_name: "PNDMScheduler" }, { scheduler: ["diffusers", name] }),
      ]
    ) {
      const { beta_schedule, beta_start, beta_end } = await readNoiseSchedule(source);
      assert.deepEqual([beta_schedule, beta_start, beta_end], wanted, name);
    }
    const given = { beta_schedule: "scaled_linear", beta_start: 0.001, beta_end: 0.03 };
    const { num_train_timesteps, prediction_type, ...betas } = await readNoiseSchedule(
      configured({ _class_name: name, ...given }),
    );
    assert.deepEqual([betas, num_train_timesteps, prediction_type], [given, 1000, "epsilon"]);
  }
});

Deno.test("readNoiseSchedule() refuses by name a scheduler whose noise is another", async () => {
  const betas = { beta_schedule: "scaled_linear", beta_start: 0.00085, beta_end: 0.012 };
  for (
    const name of [
      ...["FlowMatchEulerDiscreteScheduler", "FlowMatchHeunDiscreteScheduler"],
      ...["FlowMatchLCMScheduler", "EDMEulerScheduler", "EDMDPMSolverMultistepScheduler"],
      ...["CosineDPMSolverMultistepScheduler", "CMStochasticIterativeScheduler"],
      ...["CogVideoXDDIMScheduler", "DDPMWuerstchenScheduler", "IPNDMScheduler"],
      ...["KarrasVeScheduler", "ScoreSdeVeScheduler", "VQDiffusionScheduler", "MyScheduler", ""],
    ]
  ) {
    for (
      const [source, file] of [
        [configured({ _class_name: name, ...betas }), SCHEDULER_FILE],
        [configured(betas, { scheduler: ["diffusers", name] }), "model_index.json"],
      ] as const
    ) {
      const why = name.startsWith("Flow") ? ", which is flow matching" : "";
      const message = new RegExp(
        `^Unsupported scheduler in ${file}: wanted .*, found ${name}${why}$`,
      );
      await assert.rejects(readNoiseSchedule(source), refusal(message), name);
    }
  }
  for (
    const [fields, found] of [
      [{ use_flow_sigmas: true }, /UniPCMultistepScheduler with use_flow_sigmas, which is flow/],
      [
        { timestep_type: "continuous" },
        /UniPCMultistepScheduler with timesteps of type continuous$/,
      ],
    ] as const
  ) {
    const config = { _class_name: "UniPCMultistepScheduler", ...betas, ...fields };
    await assert.rejects(readNoiseSchedule(configured(config)), refusal(found));
  }
});

Deno.test("null in a configuration means that the field is absent", async () => {
  const scheduler = [
    ...["_class_name", "use_flow_sigmas", "timestep_type", "beta_schedule", "beta_start"],
    ...["beta_end", "num_train_timesteps", "prediction_type", "trained_betas"],
    ...["rescale_betas_zero_snr", "timestep_spacing", "steps_offset", "set_alpha_to_one"],
    ...["skip_prk_steps", "clip_sample", "clip_sample_range"],
  ];
  const nulls = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));
  const absent = configured({});
  for (const pipeline of [{ scheduler: null }, { scheduler: [null, null] }]) {
    const source = configured(nulls(scheduler), pipeline, {
      "unet/config.json": { sample_size: null },
      "vae/config.json": { scaling_factor: null, shift_factor: null },
      "vae_encoder/config.json": { scaling_factor: null, shift_factor: 0 },
    });
    assert.deepEqual(await readNoiseSchedule(source), await readNoiseSchedule(absent));
    assert.deepEqual(await readSamplerConfig(source), await readSamplerConfig(absent));
    assert.equal(await readSampleSize(source), undefined);
    assert.equal(await readScalingFactor(source), 0.18215);
  }
  const later = configured({}, {}, {
    "vae/config.json": { scaling_factor: null },
    "vae_encoder/config.json": { scaling_factor: 0.5 },
  });
  assert.equal(await readScalingFactor(later), 0.5);
  const shifted = { "vae/config.json": { scaling_factor: 0.3611, shift_factor: 0.1159 } };
  await assert.rejects(
    readScalingFactor(configured({}, {}, shifted)),
    refusal(
      /"vae\/config.json": field "shift_factor": wanted 0 \(no shift of the latents\), found/,
    ),
  );

  const processor = { ...nulls(["crop_size", "do_center_crop", "ensure_multiple_of"]) };
  const { size, mean, multipleOf } = await read({
    size: { shortest_edge: 224, height: null },
    do_normalize: null,
    ...processor,
    ...CHANNELS,
  });
  assert.deepEqual([size, mean, multipleOf], [224, CHANNELS.image_mean, undefined]);
  await assert.rejects(read({ size: null, ...CHANNELS }), refusal(/field "size" .* is missing$/));
  await assert.rejects(
    read({ size: 8, ...CHANNELS, image_mean: null }),
    refusal(/field "image_mean" .* is missing$/),
  );
  await assert.rejects(
    read({ size: 8, ...CHANNELS, image_mean: [0, null, 0] }),
    refusal(/field "image_mean.1": wanted number, found null$/),
  );
});
