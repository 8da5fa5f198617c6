import assert from "node:assert/strict";
import { inverseErf } from "./inverse_erf.ts";

// x and torch.erfinv(x) in float64; the last is the largest x that random.ts asks for.
const KNOWN = [
  [1.1920928955078125e-07, 1.0564648216399685e-07],
  [0.001, 0.0008862271574665521],
  [0.25, 0.2253120550121781],
  [0.5, 0.4769362762044699],
  [0.9, 1.1630871536766743],
  [0.99, 1.8213863677184494],
  [0.9999, 2.75106390571208],
  [0.9999996423721313, 3.5993367485320147],
  [0.9999998807907104, 3.7439211627767994],
];

Deno.test("inverseErf agrees with PyTorch and is odd", () => {
  for (const [x, y] of KNOWN) {
    assert.ok(Math.abs(inverseErf(x) / y - 1) < 1.5e-7, `inverseErf(${x}) = ${inverseErf(x)}`);
    assert.equal(inverseErf(-x), -inverseErf(x));
  }
});
