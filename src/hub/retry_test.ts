import assert from "node:assert/strict";
import { impatientClock } from "../../tests/hub/stand_in.ts";
import { refusal } from "../../tests/refusal.ts";
import { SYSTEM_CLOCK, TransientError, withRetries } from "./retry.ts";

Deno.test("withRetries() counts failures since something was done", async () => {
  const slept: number[] = [];
  let attempts = 0;
  const attempt = () => {
    attempts++;
    return Promise.reject(new TransientError("busy", { progressed: attempts <= 20 }));
  };
  await assert.rejects(
    withRetries("Cannot do it", attempt, { clock: impatientClock(slept) }),
    refusal(/^Cannot do it: busy$/),
  );
  assert.equal(attempts, 25);
  assert.deepEqual(slept.slice(0, 20), Array(20).fill(750));
});

Deno.test("withRetries() throws what is not transient at once", async () => {
  const attempt = () => Promise.reject(new RangeError("bug"));
  const onRetry = () => assert.fail("tried again");
  await assert.rejects(
    withRetries("Cannot do it", attempt, { clock: impatientClock(), onRetry }),
    RangeError,
  );
});

Deno.test("withRetries() does not wait longer than five minutes, and says how long", async () => {
  const attempt = () => Promise.reject(new TransientError("busy", { retryAfter: 301_000 }));
  const failed = withRetries("Cannot do it", attempt, { clock: impatientClock() });
  await assert.rejects(failed, refusal(/busy$/));
  await assert.rejects(failed, ({ hint }) => /wait 6 minutes/.test(hint));
});

Deno.test("withRetries() stops waiting when it is told to", async () => {
  const stop = new AbortController();
  const attempt = () => Promise.reject(new TransientError("busy"));
  const clock = {
    ...impatientClock(),
    sleep: (_: number, signal?: AbortSignal) => {
      stop.abort(new Error("stopped"));
      return Promise.reject(signal!.reason);
    },
  };
  await assert.rejects(
    withRetries("Cannot do it", attempt, { clock, signal: stop.signal }),
    /stopped/,
  );
});

Deno.test("SYSTEM_CLOCK sleeps, and stops sleeping when it is told to", async () => {
  const before = SYSTEM_CLOCK.now();
  await SYSTEM_CLOCK.sleep(1);
  assert.ok(SYSTEM_CLOCK.now() >= before);
  const signal = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(SYSTEM_CLOCK.sleep(2 ** 30, signal), /stopped/);
});
