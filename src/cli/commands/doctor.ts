import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { type Device, DEVICES } from "../../backend/select.ts";
import { diagnose } from "../../doctor/diagnose.ts";
import { EXIT } from "../exit.ts";
import type { Io } from "../io.ts";

/** `doctor`. */
export function doctorCommand(io: Io, setExitCode: (code: number) => void): Command {
  const command = new Command("doctor")
    .description("Says what this machine computes with, and tests it.")
    .addOption(
      new Option("--device <name>", "where to compute").choices(DEVICES).default("auto" as Device),
    )
    .option("--json", "print one JSON document on standard output");
  command.action(async ({ device, json }) => {
    const diagnosis = await diagnose(device, io.cacheFolder);
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
  return command as unknown as Command;
}
