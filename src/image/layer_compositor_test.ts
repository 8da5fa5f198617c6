import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { assertAdjoint, normals } from "../../tests/vectors.ts";
import { LayerCompositor } from "./layer_compositor.ts";

const F = 2, B = 2, M = 9;

for (const A of [6, 9]) {
  testOnBackends(
    `layers of ${A} pixels and images of ${M}: the adjoints are transposes`,
    async (backend) => {
      await using _ = backend;
      const { liveTensors } = backend;
      {
        using images = backend.tensor([3 * (F + B), A, A]);
        using alpha = backend.tensor([F, A, A]);
        const sizes = { foregrounds: F, backgrounds: B, size: A, modelSize: M };
        using compositor = new LayerCompositor(backend, images, sizes);
        assert.deepEqual(compositor.blended.shape, [F * B, 3, M, M]);
        const forward = async (values: Float32Array, masks: Float32Array) => {
          backend.write(images, values);
          backend.write(alpha, masks);
          compositor.forward(alpha);
          return await backend.read(compositor.blended);
        };
        const values = normals(images.size, 1), masks = normals(alpha.size, 2);
        const v = normals(compositor.blended.size, 3);
        const blended = await forward(values, masks);
        using cotangent = backend.tensor(compositor.blended.shape, v);
        compositor.adjoint(cotangent);
        const barred = await backend.read(compositor.imageCotangent);
        assertAdjoint({ x: values, jx: blended, v, jtv: barred });
        const jtv = await backend.read(compositor.alphaCotangent);
        const constant = await forward(values, new Float32Array(alpha.size));
        const jx = blended.map((value, i) => value - constant[i]);
        assertAdjoint({ x: masks, jx, v, jtv });
      }
      assert.equal(backend.liveTensors, liveTensors);
    },
  );
}
