import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import { planPull, pull, type PullPlan } from "../../../catalog/pull.ts";
import { repositoryLabel } from "../../../hub/repository.ts";
import { columns } from "../../text.ts";
import { downloadProgress } from "../../progress.ts";
import { hubOf } from "../../load_model.ts";
import { EXIT, type Io } from "../../io.ts";
import { findModel } from "./find_model.ts";

/** `models pull <model>`. */
export function pullCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = new Command("pull")
    .description("Downloads a model, or its missing and damaged files.")
    .argument("<model>", "id, owner/name or owner/name@revision")
    .option("--dry-run", "print the files that would be downloaded, and download nothing")
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "print nothing but errors");
  command.action(async (name, { dryRun = false, json, quiet = false }) => {
    const hub = await hubOf(io, quiet);
    const stopping = new AbortController();
    using _interrupt = io.onInterrupt(() => stopping.abort(), () => {});
    using progress = downloadProgress(io, !quiet);
    const { signal } = stopping;
    const { embedded, remote } = findModel(name, hub, progress.retry);
    if (embedded) {
      const answer = { id: embedded.id, embedded: true };
      if (json) io.writeOut(JSON.stringify(answer, null, 2) + "\n");
      else if (!quiet) io.writeOut(`${embedded.id} comes with Peekaboo: nothing to download\n`);
      return;
    }
    let plan: PullPlan | undefined;
    try {
      plan = await planPull(remote, hub, signal);
      if (!dryRun) {
        await pull(plan, hub, {
          signal,
          verify: true,
          onProgress: progress.update,
          onRetry: progress.retry,
          onWarning: (message) => quiet || io.warn(message),
        });
      }
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      progress[Symbol.dispose]();
      io.error("Interrupted; what has arrived is kept", "the same command goes on");
      return setExitCode(EXIT.interrupted);
    }
    progress[Symbol.dispose]();
    if (json) io.writeOut(JSON.stringify(report(plan, dryRun), null, 2) + "\n");
    else if (!quiet) io.writeOut(summary(plan, dryRun));
  });
  return command;
}

function report({ model, commit, folder, files }: PullPlan, dryRun: boolean) {
  const { name, revision } = model.repository;
  const { bytes, missing } = totals(files);
  return {
    id: model.id,
    repository: name,
    revision,
    commit,
    folder,
    dryRun,
    bytes,
    bytesToDownload: missing,
    files: files.map(({ path, bytes, received }) => ({ path, bytes, received })),
  };
}

function summary({ model, commit, folder, files }: PullPlan, dryRun: boolean): string {
  const { bytes, missing } = totals(files);
  const label = `${model.id} (${repositoryLabel(model.repository)}, ${commit.slice(0, 12)})`;
  if (!dryRun) {
    return `${label}: ${prettyBytes(missing)} downloaded, ${
      prettyBytes(bytes)
    } in all\n  ${folder}\n`;
  }
  const rows = files.map(({ path, bytes, received }) => [
    prettyBytes(bytes),
    path,
    received === bytes ? "there" : received > 0 ? `${prettyBytes(received)} there` : "",
  ]);
  const total = `${prettyBytes(missing)} to download, ${prettyBytes(bytes)} in all`;
  return `${label}: ${total}\n${columns(rows, [0])}`;
}

function totals(files: PullPlan["files"]): { bytes: number; missing: number } {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { bytes, missing: bytes - files.reduce((sum, file) => sum + file.received, 0) };
}
