/** Standard output and error that take no more: one line, or nothing at all. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { filesIn, MOD, temporaryFolder } from "./run.ts";

const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
const FEW = `--device cpu --iterations 1 --size 16 --emit mask`;
const FULL = "error: Cannot write to standard output: no space left on device " +
  "(write it where there is room)\n";
// Every write to this device fails as on a full disk.
const ignore = Deno.build.os !== "linux";

/** Runs the program in a shell that redirects its streams; gives its exit code, and what is left. */
async function runWith(args: string, redirection: string) {
  await using folder = await temporaryFolder();
  const program =
    `"${Deno.execPath()}" run -A --quiet "${MOD}" ${args} ${redirection}; echo "rc=$?"`;
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", program],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const files = await filesIn(folder.path);
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), files };
}

for (const args of ["--help", "--version", "segment --help", "models list", "models info emoji"]) {
  Deno.test({
    name: `${args}: a full standard output is one line and exit code 2`,
    ignore,
    async fn() {
      const { stdout, stderr } = await runWith(args, "> /dev/full");
      assert.deepEqual([stdout, stderr], ["rc=2\n", FULL]);
    },
  });
}

Deno.test({
  name: "segment: a full standard output is one line and exit code 2, and the files are whole",
  ignore,
  async fn() {
    const { stdout, stderr, files } = await runWith(
      `segment "${IMAGE}" "a dog" ${FEW} --json`,
      "> /dev/full",
    );
    assert.deepEqual([stdout, stderr], ["rc=2\n", FULL]);
    assert.deepEqual(files, ["peekaboo-out/rgb.a-dog.mask.png", "peekaboo-out/rgb.json"]);
  },
});

Deno.test({
  name: "a full or closed standard error leaves the exit code",
  ignore,
  async fn() {
    for (const redirection of ["2> /dev/full", "2>&-", "> /dev/full 2> /dev/full"]) {
      const { stdout, stderr } = await runWith('segment nowhere.png "a dog"', redirection);
      assert.deepEqual([stdout, stderr], ["rc=2\n", ""], redirection);
    }
    const { stdout, files } = await runWith(
      `segment "${IMAGE}" "a xyzzy" ${FEW}`,
      "2> /dev/full > /dev/null",
    );
    assert.match(stdout, /^rc=[04]\n$/);
    assert.equal(files.length, 2);
  },
});

Deno.test({
  name: "a closed standard output is quiet",
  ignore,
  async fn() {
    const { stdout, stderr } = await runWith("--help", ">&-");
    assert.deepEqual([stdout, stderr], ["rc=0\n", ""]);
  },
});
