import assert from "node:assert/strict";
import { join } from "node:path";
import { impatientClock } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { lockFile } from "./file_lock.ts";

async function temporaryLock() {
  const folder = await Deno.makeTempDir();
  return {
    path: join(folder, "locks", "x.lock"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("lockFile() waits until the lock is released, and says so once", async () => {
  await using at = await temporaryLock();
  const first = await lockFile(at.path, { clock: impatientClock() });
  const waiting = Promise.withResolvers<void>();
  let told = 0;
  const onWait = () => {
    told++;
    waiting.resolve();
  };
  const second = lockFile(at.path, { clock: impatientClock(), onWait });
  await waiting.promise;
  assert.equal(told, 1);
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  assert.equal(told, 1);
});

Deno.test("lockFile() stops waiting when it is told to", async () => {
  await using at = await temporaryLock();
  using _first = await lockFile(at.path, { clock: impatientClock() });
  const stop = new AbortController();
  const onWait = () => stop.abort(new Error("stopped"));
  const options = { clock: impatientClock(), signal: stop.signal, onWait };
  await assert.rejects(lockFile(at.path, options), /stopped/);
});

Deno.test("lockFile() has the lock of a process that was killed", async () => {
  await using at = await temporaryLock();
  await Deno.mkdir(join(at.path, ".."), { recursive: true });
  const holder = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `const file = await Deno.open(${JSON.stringify(at.path)}, { create: true, write: true });
       await file.lock(true);
       console.log("locked");
       await Deno.stdin.read(new Uint8Array(1));`,
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read();
  const killed = Promise.withResolvers<void>();
  const onWait = () => {
    holder.kill("SIGKILL");
    killed.resolve();
  };
  using _lock = await lockFile(at.path, { clock: impatientClock(), onWait });
  await killed.promise;
  await reader.cancel();
  await holder.stdin.abort();
  await holder.status;
});

Deno.test("lockFile() says that it cannot make the file", async () => {
  const path = join(Deno.execPath(), "x.lock");
  await assert.rejects(
    lockFile(path, { clock: impatientClock() }),
    refusal(/^Cannot lock ".*x.lock": (not a directory|file exists)/i),
  );
});
