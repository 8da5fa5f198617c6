import assert from "node:assert/strict";
import { paced } from "./paced.ts";

/** A device and its clock; a piece of work takes `each` milliseconds, once somebody waits for it. */
function device(each: number) {
  let now = 0, queued = 0;
  const waits: number[] = [];
  return {
    waits,
    clock: () => now,
    work: () => Promise.resolve(void queued++),
    idle() {
      waits.push(queued);
      now += queued * each;
      queued = 0;
      return Promise.resolve();
    },
  };
}

Deno.test("as much work is queued as takes half a second, after a first piece", async () => {
  const gpu = device(100);
  const progress: number[] = [];
  const onProgress = (done: number) => progress.push(done);
  assert.equal(await paced(gpu, 13, gpu.work, { clock: gpu.clock, onProgress }), 13);
  assert.deepEqual(gpu.waits, [1, 5, 5, 2]);
  assert.deepEqual(progress, [1, 6, 11, 13]);
});

Deno.test("work that takes longer is waited for piece by piece", async () => {
  const gpu = device(2000);
  await paced(gpu, 3, gpu.work, { clock: gpu.clock });
  assert.deepEqual(gpu.waits, [1, 1, 1]);
});

Deno.test("a signal stops before the next wait's work; aborted already, before the first", async () => {
  const gpu = device(600);
  const stopping = new AbortController();
  const { signal } = stopping;
  const onProgress = (done: number) => done === 2 && stopping.abort();
  assert.equal(await paced(gpu, 9, gpu.work, { clock: gpu.clock, signal, onProgress }), 2);
  assert.equal(await paced(gpu, 9, gpu.work, { clock: gpu.clock, signal }), 0);
});
