import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import { isEmbedded } from "../../../catalog/manifest.ts";
import { MODELS } from "../../../catalog/models.ts";
import { findInstalled, knownModels } from "../../../catalog/remote_model.ts";
import { columns } from "../../text.ts";
import { hubOf } from "../../load_model.ts";
import type { Io } from "../../io.ts";
import { modelsInCache } from "./find_model.ts";
import prettyBytes from "npm:pretty-bytes@7.2.0";

/** A line of the list. */
interface Listed {
  readonly id: string;
  readonly title?: string;
  /** The reason why its masks may be poor, in one sentence. */
  readonly experimental?: string;
  readonly kind: string;
  /** Comes with the program, was downloaded, was downloaded in part, or was not. */
  readonly state: "embedded" | "downloaded" | "partial" | "remote";
  /** Bytes on the disk; an estimate if it was not downloaded. */
  readonly bytes?: number;
}

const STATES = { embedded: "built in", downloaded: "downloaded", partial: "in part", remote: "" };

/** `models list`. */
export function listCommand(io: Io): CommandUnknownOpts {
  const command = new Command("list")
    .description("Lists the known models, and the others that were downloaded.")
    .option("--json", "print one JSON document on standard output");
  command.action(async ({ json }) => {
    const models = await listed(io);
    if (json) {
      io.writeOut(JSON.stringify({ models }, null, 2) + "\n");
      return;
    }
    const rows = models.map(({ id, title = "", experimental, state, bytes }) => [
      id,
      bytes === undefined ? "" : `${state === "remote" ? "≈ " : ""}${prettyBytes(bytes)}`,
      STATES[state],
      experimental === undefined ? title : `${title} (experimental for masks)`,
    ]);
    io.writeOut(columns(rows, [1]));
  });
  return command;
}

async function listed(io: Io): Promise<Listed[]> {
  const hub = await hubOf(io);
  const embedded = MODELS.filter(isEmbedded).map(({ id, title, kind, source }): Listed => {
    return { id, title, kind, state: "embedded", bytes: total(source.files) };
  });
  const others = (await modelsInCache(hub)).filter(({ manifest }) => !manifest);
  const remote = [...knownModels(hub), ...others].map(async (model): Promise<Listed> => {
    const { id, kind, manifest: { title, experimental, approximateBytes } = {} } = model;
    const installed = await findInstalled(model);
    const facts = {
      id,
      ...(title !== undefined && { title }),
      kind,
      ...(experimental !== undefined && { experimental }),
    };
    if (installed && installed.files.length > 0) {
      const state = installed.missing.length === 0 ? "downloaded" : "partial";
      return { ...facts, state, bytes: total(installed.files) };
    }
    return {
      ...facts,
      state: "remote",
      ...(approximateBytes !== undefined && { bytes: approximateBytes }),
    };
  });
  return [...embedded, ...await Promise.all(remote)];
}

function total(files: readonly { bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
