import assert from "node:assert/strict";
import { createCpuBackend } from "../backend/cpu.ts";
import { normal, STREAMS, uniformAt } from "../backend/random.ts";
import { seededDraws } from "./draws.ts";

const SEED = 7, COUNT = 64;

async function drawn(
  fill: "noise" | "posterior",
  i: number,
  settings = { seed: SEED, tMin: 20, tMax: 980 },
) {
  await using backend = await createCpuBackend({ threads: 1 });
  using noise = backend.tensor([COUNT]);
  seededDraws(backend, settings)[fill](i, noise);
  return await backend.read(noise);
}

/** A stream's numbers for iteration `i`. */
function expected(stream: number, i: number) {
  const result = new Float32Array(COUNT);
  normal.twin({ result }, { count: COUNT, seed: SEED, stream, counter: i });
  return result;
}

Deno.test("an iteration's colour is three numbers of the background's stream", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const draws = seededDraws(backend, { seed: SEED, tMin: 20, tMax: 980 });
  for (const i of [0, 1, 299]) {
    const wanted = [0, 1, 2].map((channel) => uniformAt(SEED, STREAMS.background, i, channel));
    assert.deepEqual(draws.background(i), wanted);
    assert.equal(new Set(wanted).size, 3);
  }
});

Deno.test("timesteps are all of tMin to tMax, both ends too, equally often", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const draws = seededDraws(backend, { seed: SEED, tMin: 20, tMax: 24 });
  const iterations = 5000;
  const counts = new Map<number, number>();
  for (let i = 0; i < iterations; i++) {
    const t = draws.timestep(i);
    counts.set(t, (counts.get(t) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), [20, 21, 22, 23, 24]);
  // Five standard deviations of a binomial count.
  const bound = 5 * Math.sqrt(iterations * 0.2 * 0.8);
  for (const [t, count] of counts) {
    assert(Math.abs(count - iterations / 5) < bound, `${t}: ${count} times`);
  }
});

Deno.test("a timestep is a number of its own stream, and the range may be one timestep", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const draws = seededDraws(backend, { seed: SEED, tMin: 20, tMax: 980 });
  for (const i of [0, 1, 299]) {
    const wanted = 20 + Math.floor(961 * uniformAt(SEED, STREAMS.timestep, i, 0));
    assert.equal(draws.timestep(i), wanted);
  }
  assert.equal(seededDraws(backend, { seed: SEED, tMin: 50, tMax: 50 }).timestep(3), 50);
});

Deno.test("noise and posterior are each of its own stream, other in every iteration", async () => {
  for (const i of [0, 5]) {
    assert.deepEqual(await drawn("noise", i), expected(STREAMS.noise, i));
    assert.deepEqual(await drawn("posterior", i), expected(STREAMS.posterior, i));
  }
  assert.notDeepEqual(await drawn("noise", 0), await drawn("posterior", 0));
  assert.notDeepEqual(await drawn("noise", 0), await drawn("noise", 5));
});

Deno.test("another range of timesteps moves no other draw, another seed moves all", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const wide = { seed: SEED, tMin: 20, tMax: 980 };
  const narrow = { ...wide, tMax: 100 }, other = { ...wide, seed: SEED + 1 };
  const background = (settings: typeof wide) => seededDraws(backend, settings).background(0);
  assert.deepEqual(background(narrow), background(wide));
  assert.notDeepEqual(background(other), background(wide));
  for (const stream of ["noise", "posterior"] as const) {
    assert.deepEqual(await drawn(stream, 0, narrow), await drawn(stream, 0, wide));
    assert.notDeepEqual(await drawn(stream, 0, other), await drawn(stream, 0, wide));
  }
});
