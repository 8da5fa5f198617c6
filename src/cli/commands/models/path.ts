import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import { UserError } from "../../../errors.ts";
import { embeddedFolder } from "../../../models/open_source.ts";
import { hubOf } from "../../hub_of.ts";
import type { Io } from "../../io.ts";
import { findModel, installed } from "./find_model.ts";

/** `models path <model>`. */
export function pathCommand(io: Io): CommandUnknownOpts {
  const command = new Command("path")
    .description("Prints the folder of a model that is there.")
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
