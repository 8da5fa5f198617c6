import assert from "node:assert/strict";
import { assertAdjoint, assertClose, normals } from "../../tests/vectors.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { Compositor } from "./compositor.ts";

const P = 2, M = 9;
const BACKGROUND = [0.25, 0.5, 0.875] as const;

for (const A of [6, 9, 14]) {
  Deno.test(`masks of ${A} pixels and images of ${M}: the adjoint is the transpose`, async () => {
    await using backend = await createCpuBackend({ threads: 1 });
    using image = backend.tensor([3, A, A], normals(3 * A * A, 1));
    using compositor = new Compositor(backend, image, { prompts: P, alphaSize: A, modelSize: M });
    const forward = async (values: Float32Array<ArrayBuffer>) => {
      using alpha = backend.tensor([P, A, A], values);
      compositor.forward(alpha, BACKGROUND);
      return await backend.read(compositor.blended);
    };
    const x = normals(P * A * A, 2) as Float32Array<ArrayBuffer>;
    // x̂ is affine in α: its linear part is x̂(α) − x̂(0).
    const constant = await forward(new Float32Array(P * A * A));
    const jx = (await forward(x)).map((value, i) => value - constant[i]);
    const v = normals(P * 3 * M * M, 3);
    using cotangent = backend.tensor([P, 3, M, M], v);
    compositor.adjoint(cotangent);
    const jtv = await backend.read(compositor.alphaCotangent);
    assertAdjoint({ x, jx, v, jtv });
    // Each prompt by itself: its mask moves its own image only.
    const half = x.map((value, i) => i < x.length / 2 ? value : 0);
    const moved = (await forward(half)).map((value, i) => value - constant[i]);
    assertClose(moved.subarray(0, moved.length / 2), jx.subarray(0, jx.length / 2), 1e-6);
    assert(moved.subarray(moved.length / 2).every((value) => value === 0));
  });
}

Deno.test("images of the prompts' own: x̄ is the transpose, and ᾱ still is", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const A = 6;
  const sizes = { prompts: P, alphaSize: A, modelSize: M, ownImages: true };
  using image = backend.tensor([3 * P, A, A]);
  using alpha = backend.tensor([P, A, A]);
  using compositor = new Compositor(backend, image, sizes);
  const forward = async (images: Float32Array, masks: Float32Array) => {
    backend.write(image, images);
    backend.write(alpha, masks);
    compositor.forward(alpha, BACKGROUND);
    return await backend.read(compositor.blended);
  };
  const images = normals(image.size, 4), masks = normals(alpha.size, 5);
  const v = normals(compositor.blended.size, 6);
  const blended = await forward(images, masks);
  using cotangent = backend.tensor(compositor.blended.shape, v);
  compositor.adjoint(cotangent);
  const linear = async (jx: Promise<Float32Array>) => {
    const at0 = await jx;
    return blended.map((value, i) => value - at0[i]);
  };
  assertAdjoint({
    x: images,
    jx: await linear(forward(new Float32Array(image.size), masks)),
    v,
    jtv: await backend.read(compositor.imageCotangent!),
  });
  assertAdjoint({
    x: masks,
    jx: await linear(forward(images, new Float32Array(alpha.size))),
    v,
    jtv: await backend.read(compositor.alphaCotangent),
  });
});

Deno.test("where α is 0 or 1, images of every size show the background or the image", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const A = 4;
  const grey = 0.125;
  using image = backend.tensor([3, A, A], new Float32Array(3 * A * A).fill(grey));
  using compositor = new Compositor(backend, image, { prompts: P, alphaSize: A, modelSize: M });
  using alpha = backend.tensor([P, A, A], new Float32Array(P * A * A).fill(1, A * A));
  compositor.forward(alpha, BACKGROUND);
  const background = BACKGROUND.flatMap((value) => Array<number>(M * M).fill(value));
  const wanted = [...background, ...Array<number>(3 * M * M).fill(grey)];
  assertClose(await backend.read(compositor.blended), wanted, 1e-7);
});
