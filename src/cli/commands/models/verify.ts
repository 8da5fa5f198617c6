import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import { type CheckedFile, checkModel } from "../../../catalog/integrity.ts";
import { type EmbeddedManifest, isEmbedded } from "../../../catalog/manifest.ts";
import { MODELS } from "../../../catalog/models.ts";
import type { InstalledModel } from "../../../catalog/remote_model.ts";
import { UserError } from "../../../errors.ts";
import { embeddedFolder } from "../../../models/open_source.ts";
import { columns } from "../../text.ts";
import { downloadProgress } from "../../progress.ts";
import { EXIT, type Io } from "../../io.ts";
import { hubOf } from "../../load_model.ts";
import { findModel, installed, modelsInCache } from "./find_model.ts";

/** A model's name and its files. */
interface Checkable {
  readonly id: string;
  readonly model: Pick<InstalledModel, "folder" | "files" | "missing">;
}

/** `models verify [model]`. */
export function verifyCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = new Command("verify")
    .description(
      "Compares the files of one model, or of all models on this machine, with their hashes.",
    )
    .argument("[model]", "id, owner/name or owner/name@revision")
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "print nothing but errors");
  command.action(async (name, { json, quiet = false }) => {
    const models = await checkables(io, name);
    const stopping = new AbortController();
    using _interrupt = io.onInterrupt(() => stopping.abort(), () => {});
    const results: { id: string; files: CheckedFile[] }[] = [];
    {
      using progress = downloadProgress(io, !quiet);
      for (const { id, model } of models) {
        const onProgress = (path: string, received: number, bytes: number) =>
          progress.update({ phase: "check", path: `${id}/${path}`, received, bytes });
        try {
          results.push({
            id,
            files: await checkModel(model, { signal: stopping.signal, onProgress }),
          });
        } catch (error) {
          if (error !== stopping.signal.reason) throw error;
          progress[Symbol.dispose]();
          io.error("Interrupted before all files were checked");
          return setExitCode(EXIT.interrupted);
        }
      }
    }
    if (json) io.writeOut(JSON.stringify({ models: results }, null, 2) + "\n");
    else if (!quiet) {
      const rows = results.flatMap(({ id, files }) =>
        files.map(({ path, state }) => [state, `${id}/${path}`])
      );
      io.writeOut(columns(rows));
    }
    complain(results);
  });
  return command;
}

async function checkables(io: Io, name: string | undefined): Promise<Checkable[]> {
  const hub = await hubOf(io);
  if (name === undefined) {
    const remote = await modelsInCache(hub);
    return [
      ...MODELS.filter(isEmbedded).map(embeddedModel),
      ...await Promise.all(remote.map(async (m) => ({ id: m.id, model: await installed(m) }))),
    ];
  }
  const { embedded, remote } = findModel(name, hub);
  return [embedded ? embeddedModel(embedded) : { id: name, model: await installed(remote) }];
}

function embeddedModel({ id, source }: EmbeddedManifest): Checkable {
  const hashed = source.files.map(({ path, bytes, sha256 }) => {
    return { path, bytes, hash: { algorithm: "sha256" as const, hex: sha256 } };
  });
  return { id, model: { folder: embeddedFolder(id), files: hashed, missing: [] } };
}

function complain(results: readonly { id: string; files: readonly CheckedFile[] }[]) {
  const bad = results.flatMap(({ id, files }) =>
    files.filter(({ state }) => state === "damaged" || state === "missing")
      .map(({ path, state }) => ({ id, what: `${id}/${path} is ${state}` }))
  );
  if (bad.length === 0) return;
  const [{ id, what }, ...others] = bad;
  throw new UserError(
    `A model is not sound: ${what}${others.length > 0 ? `, and ${others.length} more` : ""}`,
    MODELS.some((known) => known.id === id && isEmbedded(known))
      ? "install Peekaboo again"
      : `fetch what is wrong again with: models pull ${id}`,
  );
}
