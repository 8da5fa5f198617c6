import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { inferenceTimesteps } from "./timesteps.ts";

const timesteps = (spacing: string, steps: number, offset = 0) =>
  inferenceTimesteps(1000, steps, { timestep_spacing: spacing, steps_offset: offset });

Deno.test("timesteps are spread as Lin et al. 2024, table 2, have it", () => {
  // The table's example: T = 1000, 10 steps; it counts timesteps from 1.
  assert.deepEqual(timesteps("leading", 10), [900, 800, 700, 600, 500, 400, 300, 200, 100, 0]);
  assert.deepEqual(timesteps("trailing", 10), [999, 899, 799, 699, 599, 499, 399, 299, 199, 99]);
  assert.deepEqual(timesteps("linspace", 10), [999, 888, 777, 666, 555, 444, 333, 222, 111, 0]);
});

Deno.test("an offset moves the leading timesteps", () => {
  assert.deepEqual(timesteps("leading", 4, 1), [751, 501, 251, 1]);
  assert.deepEqual(timesteps("leading", 3, 1), [667, 334, 1]);
});

Deno.test("one step begins at the noisiest timestep there is", () => {
  assert.deepEqual(timesteps("trailing", 1), [999]);
  assert.deepEqual(timesteps("linspace", 1), [999]);
});

Deno.test("a schedule may have as many steps as timesteps, if they are all its own", () => {
  assert.equal(timesteps("leading", 1000).length, 1000);
  assert.equal(timesteps("leading", 999, 1)[0], 999);
  assert.throws(() => timesteps("leading", 1000, 1), refusal(/1000 steps.*timestep 1000.*999$/));
  assert.throws(() => timesteps("sideways", 10), refusal(/spacing "sideways": wanted leading/));
});
