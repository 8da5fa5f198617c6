import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import { knownModels } from "../../../catalog/remote_model.ts";
import { removeModel } from "../../../catalog/remove_model.ts";
import { UserError } from "../../../errors.ts";
import { diskUsage } from "../../../hub/cache_contents.ts";
import { embeddedFolder } from "../../../models/open_source.ts";
import type { Io } from "../../io.ts";
import { hubOf } from "../../load_model.ts";
import { columns } from "../../text.ts";
import { findModel, installed } from "./find_model.ts";

/** `models path <model>`. */
export function pathCommand(io: Io): CommandUnknownOpts {
  const command = new Command("path")
    .description("Prints the folder of a downloaded model.")
    .argument("<model>", "id, owner/name or owner/name@revision")
    .option("--json", "print one JSON document on standard output");
  command.action(async (name, { json }) => {
    const { embedded, remote } = findModel(name, await hubOf(io));
    const folder = embedded ? embeddedFolder(embedded.id) : await whole(remote);
    io.writeOut(json ? JSON.stringify({ id: name, folder }, null, 2) + "\n" : `${folder}\n`);
  });
  return command;
}

async function whole(model: Parameters<typeof installed>[0]): Promise<string> {
  const { folder, missing } = await installed(model);
  if (missing.length === 0) return folder;
  throw new UserError(
    `Model "${model.id}" is not whole: ${missing[0]} is missing`,
    `fetch what is missing with: models pull ${model.id}`,
  );
}

/** `models rm <model>`. */
export function removeCommand(io: Io): CommandUnknownOpts {
  const command = new Command("rm")
    .description("Removes a model, downloaded whole or in part.")
    .argument("<model>", "id, owner/name or owner/name@revision")
    .option("--dry-run", "print what would be removed, and remove nothing")
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

/** `models du`. */
export function usageCommand(io: Io): CommandUnknownOpts {
  const command = new Command("du")
    .description("Prints the disk space that downloaded models take.")
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
