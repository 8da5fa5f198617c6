import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import { UserError } from "../../../errors.ts";
import { removeModel } from "../../../catalog/remove_model.ts";
import { hubOf } from "../../hub_of.ts";
import type { Io } from "../../io.ts";
import { findModel } from "./find_model.ts";

/** `models rm <model>`. */
export function removeCommand(io: Io): CommandUnknownOpts {
  const command = new Command("rm")
    .description("Removes a downloaded model, and what has arrived of one.")
    .argument("<model>", "id, owner/name or owner/name@revision")
    .option("--dry-run", "only say what would be removed")
    .option("--json", "print one JSON document on standard output");
  command.action(async (name, { dryRun = false, json }) => {
    const { embedded, remote } = findModel(name, await hubOf(io));
    if (embedded) {
      throw new UserError(`Cannot remove "${name}": it comes with Peekaboo`, "leave it there");
    }
    const { files, bytes } = await removeModel(remote, { dryRun });
    if (files.length === 0 && bytes === 0) {
      throw new UserError(`Model "${remote.id}" is not downloaded`, "see: models list");
    }
    if (json) {
      io.writeOut(JSON.stringify({ id: remote.id, dryRun, bytes, files }, null, 2) + "\n");
      return;
    }
    const verb = dryRun ? "would be removed" : "removed";
    io.writeOut(`${remote.id}: ${files.length} files ${verb}, ${prettyBytes(bytes)}\n`);
  });
  return command;
}
