import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { assertAdjoint, normals } from "../../tests/vectors.ts";
import { LayerCompositor } from "./layer_compositor.ts";

const F = 2, B = 2, M = 9;

for (const A of [6, 9]) {
  testOnBackends(
    `layers of ${A} pixels and pictures of ${M}: the adjoints are transposes`,
    async (backend) => {
      await using _ = backend;
      const { liveTensors } = backend;
      {
        using pictures = backend.tensor([3 * (F + B), A, A]);
        using alpha = backend.tensor([F, A, A]);
        const sizes = { foregrounds: F, backgrounds: B, size: A, modelSize: M };
        using compositor = new LayerCompositor(backend, pictures, sizes);
        assert.deepEqual(compositor.blended.shape, [F * B, 3, M, M]);
        const forward = async (images: Float32Array, masks: Float32Array) => {
          backend.write(pictures, images);
          backend.write(alpha, masks);
          compositor.forward(alpha);
          return await backend.read(compositor.blended);
        };
        const images = normals(pictures.size, 1), masks = normals(alpha.size, 2);
        const v = normals(compositor.blended.size, 3);
        const blended = await forward(images, masks);
        using cotangent = backend.tensor(compositor.blended.shape, v);
        compositor.adjoint(cotangent);
        const barred = await backend.read(compositor.imageCotangent);
        assertAdjoint({ x: images, jx: blended, v, jtv: barred });
        const jtv = await backend.read(compositor.alphaCotangent);
        const constant = await forward(images, new Float32Array(alpha.size));
        const jx = blended.map((value, i) => value - constant[i]);
        assertAdjoint({ x: masks, jx, v, jtv });
      }
      assert.equal(backend.liveTensors, liveTensors);
    },
  );
}
