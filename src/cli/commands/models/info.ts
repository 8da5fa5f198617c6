import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import type { EmbeddedManifest } from "../../../catalog/manifest.ts";
import { findInstalled, remoteModel } from "../../../catalog/remote_model.ts";
import type { Hub } from "../../../hub/hub.ts";
import { columns } from "../../text.ts";
import { hubOf } from "../../load_model.ts";
import type { Io } from "../../io.ts";
import { findEmbedded } from "./find_model.ts";
import prettyBytes from "npm:pretty-bytes@7.2.0";

/** The known facts about a model, by name. */
type Facts = Record<string, unknown> & { files: readonly { path: string; bytes: number }[] };

/** `models info <model>`. */
export function infoCommand(io: Io): CommandUnknownOpts {
  const command = new Command("info")
    .description("Prints the known facts about a model, without asking the hub.")
    .argument("<model>", "id, owner/name or owner/name@revision")
    .option("--json", "print one JSON document on standard output");
  command.action(async (name, { json }) => {
    const embedded = findEmbedded(name);
    const facts = embedded ? embeddedFacts(embedded) : await remoteFacts(name, await hubOf(io));
    io.writeOut(json ? JSON.stringify(facts, null, 2) + "\n" : inWords(facts));
  });
  return command;
}

function embeddedFacts(
  { id, title, description, kind, licence, imageSize, vocabulary, source: { files } }:
    EmbeddedManifest,
): Facts {
  const known = vocabulary?.split(" ");
  return {
    ...{ id, title, description, kind, licence, imageSize },
    vocabulary: known,
    state: "embedded",
    files,
  };
}

async function remoteFacts(name: string, hub: Hub): Promise<Facts> {
  const model = remoteModel(name, hub);
  const { id, manifest, repository, needed } = model;
  const installed = await findInstalled(model);
  const files = installed?.files ?? [];
  const page = manifest?.source.host === "release"
    ? `https://github.com/${repository.name}/releases/tag/${repository.revision}`
    : new URL(`${repository.name}/tree/${repository.revision}`, hub.endpoint).href;
  return {
    id,
    ...(manifest && {
      title: manifest.title,
      description: manifest.description,
      kind: manifest.kind,
      experimental: manifest.experimental,
      licence: manifest.licence,
      approximateBytes: manifest.approximateBytes,
      imageSize: manifest.imageSize,
      input: manifest.input,
    }),
    page,
    state: files.length === 0
      ? "remote"
      : installed?.missing.length === 0
      ? "downloaded"
      : "partial",
    ...(installed && { commit: installed.commit, folder: installed.folder }),
    missing: installed?.missing ?? needed,
    files,
  };
}

function inWords({ id, title, description, files, missing, input, ...facts }: Facts): string {
  const head = title === undefined ? `${id}\n` : `${id}: ${title}\n  ${description}\n`;
  const rows = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [`  ${WORDS[name] ?? name}`, inWord(name, value)]);
  if (input) rows.push(["  input", JSON.stringify(input)]);
  const lacking = Array.isArray(missing) && files.length > 0 ? missing : [];
  const table = [
    ...files.map(({ path, bytes }) => [`  ${prettyBytes(bytes)}`, path]),
    ...lacking.map((path) => ["  missing", path]),
  ];
  return head + columns(rows) + columns(table, [0]);
}

const WORDS: Readonly<Record<string, string>> = {
  experimental: "masks",
  approximateBytes: "about",
  imageSize: "images",
  vocabulary: "knows",
};

function inWord(name: string, value: unknown): string {
  if (name === "experimental") return `experimental: ${value}`;
  if (name === "approximateBytes") return prettyBytes(Number(value));
  if (Array.isArray(value)) return `${value.length} words, which --json lists`;
  return name === "imageSize" ? `${value}×${value}` : String(value);
}
