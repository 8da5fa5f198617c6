import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { createNoiseSchedule } from "./noise_schedule.ts";

const STABLE_DIFFUSION = {
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  beta_end: 0.012,
  num_train_timesteps: 1000,
  prediction_type: "epsilon",
};

const TIMESTEPS = [0, 1, 20, 200, 500, 700, 980, 999];

/** ᾱ at those timesteps in float64, computed with PyTorch's `linspace` and `cumprod`. */
const EXPECTED = {
  scaled_linear: {
    range: [0.00085, 0.012],
    alphas: [
      0.99915,
      0.998296028,
      0.981314362,
      0.753692045,
      0.276332684,
      0.0825208706,
      0.00584378332,
      0.00466009851,
    ],
  },
  linear: {
    range: [1e-4, 0.02],
    alphas: [
      0.9999,
      0.999780092,
      0.993735429,
      0.656347006,
      0.0777966584,
      0.00686827889,
      5.90375137e-5,
      4.03582977e-5,
    ],
  },
  squaredcos_cap_v2: {
    range: [1e-4, 0.02],
    alphas: [
      0.999958716,
      0.999912576,
      0.998114229,
      0.897762913,
      0.492285172,
      0.201868895,
      8.76529382e-4,
      2.42876691e-9,
    ],
  },
};

for (const [schedule, { range: [start, end], alphas }] of Object.entries(EXPECTED)) {
  Deno.test(`createNoiseSchedule() gives the cumulative products of ${schedule}`, () => {
    const { alphasCumprod } = createNoiseSchedule({
      ...STABLE_DIFFUSION,
      beta_schedule: schedule,
      beta_start: start,
      beta_end: end,
    });
    assert.equal(alphasCumprod.length, 1000);
    for (const [i, t] of TIMESTEPS.entries()) {
      const error = Math.abs(alphasCumprod[t] / alphas[i] - 1);
      assert.ok(error < 1e-6, `t = ${t}: ${alphasCumprod[t]}, wanted ${alphas[i]}`);
    }
  });
}

Deno.test("createNoiseSchedule() takes trained betas instead of a schedule", () => {
  const { alphasCumprod } = createNoiseSchedule({
    ...STABLE_DIFFUSION,
    beta_schedule: "unheard of",
    trained_betas: [0.5, 0.5, 0.75],
  });
  assert.deepEqual([...alphasCumprod], [0.5, 0.25, 0.0625]);
});

Deno.test("createNoiseSchedule() refuses what it does not know", () => {
  const cases = [
    [{ beta_schedule: "sigmoid" }, /schedule "sigmoid".*scaled_linear/],
    [{ prediction_type: "sample" }, /prediction type "sample".*v_prediction/],
    [{ rescale_betas_zero_snr: true }, /zero terminal/],
    [{ trained_betas: [0.1, 1.5] }, /timestep 1 is 1.5/],
    [{ trained_betas: [0.1, NaN] }, /timestep 1 is NaN/],
  ] as const;
  for (const [change, message] of cases) {
    assert.throws(() => createNoiseSchedule({ ...STABLE_DIFFUSION, ...change }), refusal(message));
  }
});
