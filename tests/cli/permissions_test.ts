/** Commands with exactly the permissions that docs/permissions.md says they need. */
import assert from "node:assert/strict";
import { MOD, type Run, temporaryFolder } from "./run.ts";

/** Runs the program with some permissions, and asks for no others. */
async function runWith(
  permissions: readonly string[],
  args: readonly string[],
  cwd: string,
): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, MOD, ...args],
    cwd,
    // What commander would look up, set: a permission that it does not have would stop it.
    env: { NO_COLOR: "1", CLICOLOR_FORCE: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const COMMANDS = [
  ["segment"],
  ["generate"],
  ["grid"],
  ["sample"],
  ["ablate"],
  ["models"],
  ...["list", "info", "pull", "verify", "remove"].map((name) => ["models", name]),
  ["doctor"],
];

Deno.test("help and version need no permission", async () => {
  await using folder = await temporaryFolder();
  for (const args of [["--help"], ...COMMANDS.map((command) => [...command, "--help"])]) {
    const { code, stdout, stderr } = await runWith([], args, folder.path);
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    assert.match(stdout, /^Usage: peekaboo /);
  }
  const { code, stdout, stderr } = await runWith([], ["--version"], folder.path);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});
