import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import type { Io } from "../io.ts";
import { infoCommand } from "./models/info.ts";
import { listCommand } from "./models/list.ts";
import { pathCommand, removeCommand, usageCommand } from "./models/cache.ts";
import { pullCommand } from "./models/pull.ts";
import { verifyCommand } from "./models/verify.ts";

/** `models list | pull | verify | info | path | rm | du`. */
export function modelsCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = new Command("models")
    .description("Lists, downloads, checks and removes models.")
    .addHelpText(
      "after",
      "\nA model is the id of a known one, or owner/name or owner/name@revision of a repository in " +
        "the\nlayout of models/README.md. Downloads lie in Hugging Face's cache; HF_ENDPOINT, HF_HOME,\n" +
        "HF_HUB_CACHE, HF_HUB_OFFLINE, HF_TOKEN and XDG_CACHE_HOME mean what they mean there.",
    );
  const commands = [
    listCommand(io),
    pullCommand(io, setExitCode),
    verifyCommand(io, setExitCode),
    infoCommand(io),
    pathCommand(io),
    removeCommand(io),
    usageCommand(io),
  ];
  for (const subcommand of commands) command.addCommand(subcommand);
  return command;
}
