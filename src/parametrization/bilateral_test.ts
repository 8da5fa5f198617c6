import assert from "node:assert/strict";
import {
  bilateralWeights,
  blur,
  blurAdjoint,
  blurRepeatedly,
  blurRepeatedlyAdjoint,
} from "./bilateral.ts";
import { testOnBackends, testOnWebGpu } from "../../tests/backends.ts";
import { readSafetensors } from "../../tests/safetensors.ts";
import { assertAdjoint, assertClose, normals } from "../../tests/vectors.ts";

/** Heights and widths, the thin ones included, where a flat index wraps around most. */
const SIZES = [[1, 1], [1, 7], [7, 1], [2, 2], [2, 5], [3, 3], [13, 9]];

function weightsOf(guide: Float32Array, height: number, width: number): Float32Array {
  const weights = new Float32Array(9 * height * width);
  const channels = guide.length / (height * width);
  bilateralWeights.twin({ guide, weights }, { channels, height, width, sigma: 5, tau: 0.5 });
  return weights;
}

/** Visits the nine neighbours of every pixel by their coordinates. */
function forEachNeighbour(
  height: number,
  width: number,
  visit: (k: number, i: number, j: number | undefined) => void,
) {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < 9; k++) {
        const row = y + Math.floor(k / 3) - 1, column = x + k % 3 - 1;
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        visit(k, y * width + x, inside ? row * width + column : undefined);
      }
    }
  }
}

Deno.test("weights agree with the PyTorch reference", () => {
  const path = new URL(
    "../../tests/golden/trajectory/rgb-bilateral.safetensors",
    import.meta.url,
  );
  const { tensors } = readSafetensors(path);
  const [channels, height, width] = tensors.image.shape;
  const weights = new Float32Array(9 * height * width);
  bilateralWeights.twin(
    { guide: tensors.image.data as Float32Array, weights },
    { channels, height, width, sigma: 5, tau: 0.08 },
  );
  assertClose(weights, tensors.blur_weights.data, 1e-6);
});

for (const [height, width] of SIZES) {
  const pixels = height * width;
  const weights = weightsOf(normals(2 * pixels, 1), height, width);
  const size = { planes: 2, height, width };

  Deno.test(`weights at ${height}×${width} sum to 1 and are 0 only out of the image`, () => {
    const totals = new Float32Array(pixels);
    forEachNeighbour(height, width, (k, i, j) => {
      const weight = weights[k * pixels + i];
      assert.equal(weight > 0, j !== undefined);
      totals[i] += weight;
    });
    assertClose(totals, new Float32Array(pixels).fill(1), 1e-6);
  });

  Deno.test(`blur and its adjoint at ${height}×${width} are the sums over neighbours`, () => {
    const x = normals(2 * pixels, 2);
    const expected = new Float32Array(2 * pixels), expectedAdjoint = new Float32Array(2 * pixels);
    forEachNeighbour(height, width, (k, i, j) => {
      if (j === undefined) return;
      for (const plane of [0, pixels]) {
        expected[plane + i] += weights[k * pixels + i] * x[plane + j];
        expectedAdjoint[plane + j] += weights[k * pixels + i] * x[plane + i];
      }
    });
    const y = new Float32Array(2 * pixels);
    blur.twin({ weights, x, y }, size);
    assertClose(y, expected, 1e-6);
    blurAdjoint.twin({ weights, cotangent: x, result: y }, size);
    assertClose(y, expectedAdjoint, 1e-6);
  });
}

testOnBackends("a constant stays constant under 40 passes", async (backend) => {
  await using _ = backend;
  const size = [1, 12, 17];
  using weights = backend.tensor([9, 12, 17], weightsOf(normals(12 * 17, 3), 12, 17));
  using x = backend.tensor(size, new Float32Array(12 * 17).fill(0.75));
  using first = backend.tensor(size);
  using second = backend.tensor(size);
  const result = blurRepeatedly(backend, weights, x, [first, second], 40);
  assertClose(await backend.read(result), new Float32Array(12 * 17).fill(0.75), 1e-5);
});

testOnBackends("40 passes and their adjoint are transposes of each other", async (backend) => {
  await using _ = backend;
  const size = [2, 12, 17], count = 2 * 12 * 17;
  const x = normals(count, 4), v = normals(count, 5);
  using weights = backend.tensor([9, 12, 17], weightsOf(normals(3 * 12 * 17, 6), 12, 17));
  using first = backend.tensor(size);
  using second = backend.tensor(size);
  using forward = backend.tensor(size, x);
  using cotangent = backend.tensor(size, v);
  const work = [first, second] as const;
  const jx = await backend.read(blurRepeatedly(backend, weights, forward, work, 40));
  const jtv = await backend.read(blurRepeatedlyAdjoint(backend, weights, cotangent, work, 40));
  assertAdjoint({ x, jx, v, jtv });
  // Neither has touched its input.
  assert.deepEqual(await backend.read(forward), x);
  assert.deepEqual(await backend.read(cotangent), v);
});

testOnBackends("repeated passes end where they say, also in place", async (backend) => {
  await using _ = backend;
  const size = [1, 3, 4];
  using weights = backend.tensor([9, 3, 4], weightsOf(normals(12, 7), 3, 4));
  using x = backend.tensor(size, normals(12, 8));
  using first = backend.tensor(size);
  using second = backend.tensor(size);
  for (const repeat of [blurRepeatedly, blurRepeatedlyAdjoint]) {
    assert.equal(repeat(backend, weights, x, [first, second], 0), x);
    assert.equal(repeat(backend, weights, x, [first, second], 3), first);
    assert.equal(repeat(backend, weights, x, [first, second], 4), second);
    const expected = await backend.read(second);
    assert.equal(repeat(backend, weights, x, [first, x], 4), x);
    assert.deepEqual(await backend.read(x), expected);
  }
});

testOnWebGpu("40 passes on the GPU are one submit and no new buffer", async (backend) => {
  await using _ = backend;
  const size = [1, 8, 8];
  using weights = backend.tensor([9, 8, 8], weightsOf(normals(64, 9), 8, 8));
  using x = backend.tensor(size, normals(64, 10));
  using first = backend.tensor(size);
  using second = backend.tensor(size);
  await backend.idle();

  const calls: string[] = [];
  using _submit = recordCalls(GPUQueue.prototype, "submit", calls);
  using _buffer = recordCalls(GPUDevice.prototype, "createBuffer", calls);
  blurRepeatedly(backend, weights, x, [first, second], 40);
  await backend.idle();
  assert.deepEqual(calls, ["submit"]);
});

/** Notes the name of every call of a method until disposed of. */
function recordCalls<K extends string>(
  prototype: Record<K, (...args: never[]) => unknown>,
  name: K,
  calls: string[],
): Disposable {
  const original = prototype[name];
  prototype[name] = function (...args) {
    calls.push(name);
    return original.apply(this, args);
  };
  return { [Symbol.dispose]: () => void (prototype[name] = original) };
}
