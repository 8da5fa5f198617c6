import type { NoiseScheduleConfig } from "../diffusion/noise_schedule.ts";
import { UserError } from "../errors.ts";

/** The βs of a configuration that gives none. */
export type DefaultBetas = Pick<NoiseScheduleConfig, "beta_schedule" | "beta_start" | "beta_end">;

const OF_DDPM: DefaultBetas = { beta_schedule: "linear", beta_start: 1e-4, beta_end: 0.02 };
const OF_KARRAS: DefaultBetas = { beta_schedule: "linear", beta_start: 8.5e-4, beta_end: 0.012 };
const OF_LATENTS: DefaultBetas = { ...OF_KARRAS, beta_schedule: "scaled_linear" };

/**
 * The classes of diffusers' schedulers that add noise as DDPM does, z_t = √ᾱ_t z + √(1−ᾱ_t) ε with the βs
 * of the configuration, and their default βs. They differ in how they sample, which is no concern of the
 * noise schedule.
 */
const AS_DDPM: ReadonlyMap<string, DefaultBetas> = new Map([
  ["DDIM", OF_DDPM],
  ["DDIMInverse", OF_DDPM],
  ["DDIMParallel", OF_DDPM],
  ["DDPM", OF_DDPM],
  ["DDPMParallel", OF_DDPM],
  ["DEISMultistep", OF_DDPM],
  ["DPMSolverMultistep", OF_DDPM],
  ["DPMSolverMultistepInverse", OF_DDPM],
  ["DPMSolverSDE", OF_KARRAS],
  ["DPMSolverSinglestep", OF_DDPM],
  ["EulerAncestralDiscrete", OF_DDPM],
  ["EulerDiscrete", OF_DDPM],
  ["HeunDiscrete", OF_KARRAS],
  ["KDPM2AncestralDiscrete", OF_KARRAS],
  ["KDPM2Discrete", OF_KARRAS],
  ["LCM", OF_LATENTS],
  ["LMSDiscrete", OF_DDPM],
  ["PNDM", OF_DDPM],
  ["RePaint", OF_DDPM],
  ["SASolver", OF_DDPM],
  ["TCD", OF_LATENTS],
  ["UniPCMultistep", OF_DDPM],
]);

/** The fields of a scheduler's configuration that say of which kind it is. */
export interface SchedulerKind {
  readonly _class_name?: string | undefined;
  /** The noise is that of flow matching, whatever the class. */
  readonly use_flow_sigmas?: boolean | undefined;
  /** `continuous`: the U-Net takes ¼ ln σ instead of a timestep. */
  readonly timestep_type?: string | undefined;
}

/**
 * Finds the default βs of a scheduler, and refuses one that adds noise in another way than DDPM: its
 * configuration may lack the βs, and any default would be a noise schedule that the model has never seen.
 *
 * @param path The configuration's file in messages.
 * @throws {UserError} The class is not known to add noise as DDPM does.
 */
export function defaultBetas(kind: SchedulerKind, path: string): DefaultBetas {
  const { _class_name: name = "DDPMScheduler", use_flow_sigmas: flow } = kind;
  const { timestep_type: time = "discrete" } = kind;
  const refuse = (found: string) =>
    new UserError(
      `Unsupported scheduler in ${path}: wanted one that adds noise as DDPM does, such as ` +
        `DDIMScheduler or PNDMScheduler, found ${found}`,
      "use a model of the kind of Stable Diffusion 1 or 2",
    );
  const betas = AS_DDPM.get(name.replace(/^Flax/, "").replace(/Scheduler$/, ""));
  if (!betas) throw refuse(`${name}${/flow/i.test(name) ? ", which is flow matching" : ""}`);
  if (flow) throw refuse(`${name} with use_flow_sigmas, which is flow matching`);
  if (time !== "discrete") throw refuse(`${name} with timesteps of type ${time}`);
  return betas;
}
