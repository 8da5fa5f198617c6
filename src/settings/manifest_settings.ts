import * as v from "npm:valibot@1.5.0";
import type { SamplingDefaults } from "./sample_settings.ts";
import type { ModelDefaults } from "./settings.ts";
import { type Job, type NamesOf, SETTINGS, settingsOf, type Table, VARIANTS } from "./table.ts";

/** The schemas of those settings of a command that manifests decide. */
type Decided<J extends Job> = { [K in NamesOf<J, "manifest">]: Table[K]["schema"] };

/** Takes these schemas from the table. */
function decided<J extends Job>(job: J): Decided<J> {
  const rows = settingsOf(job).filter(([, { decidedBy }]) => decidedBy === "manifest");
  return Object.fromEntries(rows.map(([name, { schema }]) => [name, schema])) as Decided<J>;
}

const { variant, ...ofMasks } = decided("segment");
const { learningRate, optimizer } = SETTINGS;

/** Settings that a manifest may tune for a variant. */
const TUNABLE = v.partial(v.strictObject({
  ...ofMasks,
  learningRates: v.partial(v.strictObject(v.entriesFromList(
    optimizer.schema.options,
    learningRate.schema,
  ))),
}));
const OF_VARIANTS = { variants: v.optional(v.record(v.picklist(VARIANTS), TUNABLE)) };
const OF_USE = v.optional(v.strictObject({ ...TUNABLE.entries, ...OF_VARIANTS }));

/** The schema of a model's default settings. */
export const MODEL_DEFAULTS: v.GenericSchema<unknown, ModelDefaults> = v.strictObject({
  variant,
  ...ofMasks,
  learningRates: TUNABLE.entries.learningRates,
  ...OF_VARIANTS,
  clip: OF_USE,
  generate: OF_USE,
  template: v.optional(v.pipe(
    v.string(),
    v.includes("{foreground}", "{foreground} in it"),
    v.includes("{background}", "{background} in it"),
  )),
});

/** The schema of a model's default settings for sampling. */
export const SAMPLING_DEFAULTS: v.GenericSchema<unknown, SamplingDefaults> = v.strictObject(
  decided("sample"),
);
