import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import { diskUsage } from "../../../hub/disk_usage.ts";
import { REMOTE_MODELS } from "../../../catalog/remote_models.ts";
import { columns } from "../../columns.ts";
import { hubOf } from "../../hub_of.ts";
import type { Io } from "../../io.ts";

/** `models du`. */
export function usageCommand(io: Io): CommandUnknownOpts {
  const command = new Command("du")
    .description("Says what downloaded models take on the disk.")
    .option("--json", "print one JSON document on standard output");
  command.action(async ({ json }) => {
    const known = REMOTE_MODELS.map(({ source }) => source.repository);
    const repositories = await diskUsage(await hubOf(io), known);
    const bytes = repositories.reduce((sum, usage) => sum + usage.bytes + usage.partialBytes, 0);
    if (json) {
      io.writeOut(JSON.stringify({ bytes, repositories }, null, 2) + "\n");
      return;
    }
    const rows = repositories.map(({ repository, revisions, bytes, partialBytes, folder }) => [
      prettyBytes(bytes + partialBytes),
      repository,
      revisions.join(", "),
      folder,
    ]);
    io.writeOut(columns([...rows, [prettyBytes(bytes), "in all"]], [0]));
  });
  return command;
}
