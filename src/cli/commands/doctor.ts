import { Command, type CommandUnknownOpts, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { type Device, DEVICES } from "../../backend/select.ts";
import { diagnose, type Diagnosis } from "../../doctor/diagnose.ts";
import { memoryRows, memoryWords } from "../dry_run.ts";
import { inFlags } from "../flags.ts";
import { EXIT, type Io } from "../io.ts";
import { openGivenModel } from "../load_model.ts";

/** `doctor`. */
export function doctorCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = new Command("doctor")
    .description("Describes the device that this machine computes with, and tests it.")
    .addOption(
      new Option("--device <name>", "where to compute").choices(DEVICES).default("auto" as Device),
    )
    .option("--model <id|folder|owner/name>", "also print the memory that this model takes")
    .option("--json", "print one JSON document on standard output");
  command.action(async ({ device, model, json }) => {
    const { sections, verdict, ...found } = await diagnose(device, io.cacheFolder);
    const memory = model === undefined ? {} : await memorySection(io, model, device);
    const diagnosis = {
      ...found,
      verdict: inFlags(verdict),
      sections: { ...withFlags(sections), ...memory },
    };
    if (!diagnosis.healthy) setExitCode(EXIT.bug);
    if (json) {
      io.writeOut(JSON.stringify(diagnosis, null, 2) + "\n");
      return;
    }
    for (const [title, facts] of Object.entries(diagnosis.sections)) {
      io.writeOut(`${title}\n`);
      for (const [name, value] of Object.entries(facts)) {
        io.writeOut(`  ${name.padEnd(36)} ${value}\n`);
      }
    }
    io.writeOut(`\n${diagnosis.verdict}\n`);
  });
  return command;
}

/** The facts of every section, with flags for the settings that they name. */
function withFlags(sections: Diagnosis["sections"]): Diagnosis["sections"] {
  const facts = Object.entries(sections).map(([title, facts]) => [
    title,
    Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, inFlags(value)])),
  ]);
  return Object.fromEntries(facts);
}

/** The memory of a model's masks, for one prompt. */
async function memorySection(io: Io, model: string, device: Device) {
  const files = await openGivenModel(io, { model, device, precision: "auto" });
  const rows = await memoryRows(files, { device, prompts: 1 });
  const facts = rows.map((
    row,
  ) => [`${row.precision} --recompute ${row.recompute}`, memoryWords(row)]);
  return {
    [`Memory of ${model}, one prompt`]: Object.fromEntries(facts) as Record<string, string>,
  };
}
