import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import { knownModels } from "../../../catalog/remote_model.ts";
import { diskUsage } from "../../../hub/cache_contents.ts";
import { columns } from "../../columns.ts";
import { hubOf } from "../../hub_of.ts";
import type { Io } from "../../io.ts";

/** `models du`. */
export function usageCommand(io: Io): CommandUnknownOpts {
  const command = new Command("du")
    .description("Says what downloaded models take on the disk.")
    .option("--json", "print one JSON document on standard output");
  command.action(async ({ json }) => {
    const hub = await hubOf(io);
    const known = knownModels(hub).map(({ repository }) => repository.name);
    const repositories = await diskUsage(hub, known);
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
