/**
 * Writes the table of settings, docs/settings.md: `deno task settings`.
 *
 * @module
 */
import emoji from "../models/emoji.json" with { type: "json" };
import stableDiffusion from "../models/stable-diffusion.json" with { type: "json" };
import { wantedBy } from "../src/settings/range.ts";
import { ROWS, type Setting, type SettingName } from "../src/settings/table.ts";

/** URL of the page. */
export const SETTINGS_PAGE = new URL("../docs/settings.md", import.meta.url);

/** The defaults of manifests, by the names of the models. */
const MANIFESTS = { emoji, "Stable Diffusion": stableDiffusion };

const OPENING = `# Settings

<!-- Written by \`deno task settings\` from src/settings/table.ts: change the table, not this page. -->

A setting has the same name in code, in manifests and in the JSON beside the results. Where a command has another name for it, the table says so. A value that the user gives replaces the model's default. The defaults here are for masks. A manifest may tune them for a variant, for CLIP's loss and for generated images ([models/README.md](../models/README.md)).

`;

/** The text of the page, formatted. */
export async function settingsPage(): Promise<string> {
  const columns = ["setting", "option", "values", "default", "commands", "meaning"];
  const lines = [columns, columns.map(() => "---"), ...ROWS.map(([name, row]) => cells(name, row))];
  const table = lines.map((line) => `| ${line.join(" | ")} |\n`).join("");
  return await format(OPENING + table);
}

function cells(name: SettingName, row: Setting): string[] {
  const others = Object.entries(row.names ?? {}).map(([job, other]) => `\`${job}\`: \`${other}\``);
  const sentences = Object.entries(row.helps ?? {}).map(([job, help]) => `\`${job}\`: ${help}`);
  return [
    [`\`${name}\``, ...others].join("; "),
    row.flag === undefined ? "" : `\`${row.flag}\``,
    wantedBy(row.schema),
    defaultOf(name, row),
    row.of.map((job) => `\`${job}\``).join(", "),
    [row.help, ...sentences].join("; "),
  ];
}

/** The call's own default, else those of the manifests: for masks first, then for sampled images. */
function defaultOf(name: SettingName, row: Setting): string {
  if (row.decidedBy === "call") {
    return row.default === undefined ? "the model's" : word(row.default);
  }
  return Object.entries(MANIFESTS).map(([model, { defaults, sampling }]) => {
    const uses = { masks: defaults, sampling };
    const found = Object.entries(uses).flatMap(([use, values]) => {
      const value = new Map<string, unknown>(Object.entries(values)).get(name);
      return value === undefined ? [] : [{ use, value }];
    });
    const values = found.map(({ use, value }) =>
      found.length > 1 ? `${word(value)} (${use})` : word(value)
    );
    return `${model}: ${values.join(", ")}`;
  }).join("; ");
}

function word(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

async function format(markdown: string): Promise<string> {
  const deno = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = deno.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await deno.output();
  if (!success) throw new Error("deno fmt failed");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) await Deno.writeTextFile(SETTINGS_PAGE, await settingsPage());
