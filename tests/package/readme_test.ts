/**
 * README and the other pages are true: their `sh` blocks run as they stand in a copy of the
 * project, links lead somewhere, tasks and options exist. (Their `ts` blocks run with the examples
 * in comments.)
 */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { run } from "../cli/run.ts";
import { codeBlocks } from "./code_blocks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Entries of the top folder that do not belong to the project. */
const FOREIGN = [".git", "node_modules", "dist", "peekaboo-out"];
/** The version of Deno that README and `.ci/run` install. */
const PINNED = /(?<=deno@|DENO_VERSION=)\d+\.\d+\.\d+/g;

const pages = await Promise.all(
  [...await markdownFiles("."), ...await markdownFiles("models"), ...await markdownFiles("docs")]
    .map(async (path) => ({ path, text: await Deno.readTextFile(join(ROOT, path)) })),
);
const readme = pages.find(({ path }) => path === "README.md")!.text;

/** The folder in which the blocks run; made for the first of them. */
let home: Promise<string> | undefined;
Deno.test.afterAll(async () => {
  if (home) await Deno.remove(await home, { recursive: true });
});

/** The outcomes of the blocks that have run: two pages may show the same one. */
const outcomes = new Map<string, Promise<Deno.CommandOutput>>();

/** Runs a block in the copy of the project. */
async function outcome(code: string): Promise<Deno.CommandOutput> {
  const folder = await (home ??= makeHome());
  return await new Deno.Command("sh", {
    args: ["-eu", "-c", code],
    cwd: join(folder, "peekaboo"),
    env: { NO_COLOR: "1", PATH: `${join(folder, "bin")}:${Deno.env.get("PATH")}` },
    stdin: "null",
  }).output();
}

for (const { path, text } of pages) {
  for (const { language, code, line, notRun } of codeBlocks(text)) {
    if (language !== "sh") continue;
    Deno.test({
      name: `${path}, line ${line}: ${code.trim()}${notRun ? ` (not run: ${notRun})` : ""}`,
      ignore: notRun !== undefined || Deno.build.os === "windows",
      async fn() {
        assert.doesNotMatch(code, /task (test|ok)\b/, "mark it <!-- not run: … -->, it runs this");
        if (!outcomes.has(code)) outcomes.set(code, outcome(code));
        const { success, stdout, stderr } = await outcomes.get(code)!;
        const decoder = new TextDecoder();
        assert(success, decoder.decode(stdout) + decoder.decode(stderr));
      },
    });
  }
}

Deno.test("links and paths in Markdown files lead to files", async () => {
  const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
  for (const { path, text } of pages) {
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)[^):]*\)/g)) {
      assert(await exists(join(ROOT, dirname(path), target)), `${path} links to ${target}`);
    }
    // `src/step.ts`, but not `shaders/<name>.wgsl`
    for (const [, file] of text.matchAll(/`((?:src|tests|tasks|shaders|bench)\/[\w./-]*)`/g)) {
      assert(await exists(join(ROOT, file)), `${path} names ${file}`);
    }
  }
});

Deno.test("tasks that Markdown files name exist", () => {
  for (const { path, text } of pages) {
    for (const [, task] of text.matchAll(/(?:deno|deno@[\d.]+) task ([\w:-]+)/g)) {
      assert(task in config.tasks, `${path} names the task ${task}`);
    }
  }
});

Deno.test("the guides describe every option of the commands that make images, and no other", async () => {
  const helps = await Promise.all(
    ["segment", "generate", "grid", "sample", "ablate"].map((command) =>
      run([command, "--help"], ROOT)
    ),
  );
  const stdout = helps.map(({ stdout }) => stdout).join();
  const guides = pages.filter(({ path }) =>
    /^docs\/(segment|generate|grid|sample|ablate)/.test(path)
  );
  const described = guides.flatMap(({ text }) => text.match(/^\| `--?[^|]*(?:\\\|[^|]*)*/gm) ?? [])
    .join("\n");
  const options = (text: string) => [...new Set(text.match(/--[a-z-]+/g))].sort();
  assert.deepEqual(options(described), options(stdout).filter((option) => option !== "--help"));
});

Deno.test("README is short enough to be read", () => {
  assert(new TextEncoder().encode(readme).length <= 9 * 1024);
});

Deno.test("README and .ci/run install the same version of Deno", async () => {
  const script = await Deno.readTextFile(join(ROOT, ".ci/run"));
  const versions = new Set((readme + script).match(PINNED));
  assert.equal(versions.size, 1, [...versions].join(", "));
});

/** Paths of the Markdown files right in a folder of the project. */
async function markdownFiles(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(ROOT, folder)));
  return entries.filter(({ name }) => name.endsWith(".md")).map(({ name }) => join(folder, name))
    .sort();
}

/** A folder with a copy of the project, and `deno` and `npx` that start the running Deno. */
async function makeHome(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "peekaboo-readme-" });
  await cp(ROOT, join(folder, "peekaboo"), {
    recursive: true,
    filter: (path) => !FOREIGN.includes(relative(ROOT, path)),
  });
  const bin = join(folder, "bin");
  await Deno.mkdir(bin);
  await Deno.symlink(Deno.execPath(), join(bin, "deno"));
  const npx = `#!/bin/sh\ncase "$1 $2" in "-y deno@"*) shift 2; exec deno "$@";; esac\nexit 127\n`;
  await Deno.writeTextFile(join(bin, "npx"), npx, { mode: 0o755 });
  return folder;
}
