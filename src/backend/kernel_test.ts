import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { regularize } from "../parametrization/regularizer.ts";
import type { Kernel } from "./kernel.ts";

testOnBackends(
  "a uniform that is not given is named, with its kernel, on every backend",
  async (backend) => {
    // As loops over kernels of all kinds see them: no uniform's name is in the type.
    const kernel: Kernel = regularize;
    await using _ = backend;
    using cotangent = backend.tensor([2], Float32Array.of(1, 2));
    assert.throws(
      () => backend.dispatch(kernel, { cotangent }, { count: 2 }),
      { message: "Kernel regularize lacks its uniform lambda: it is undefined" },
    );
    backend.dispatch(kernel, { cotangent }, { count: 2, lambda: 0.5 });
    assert.deepEqual([...await backend.read(cotangent)], [1.5, 2.5]);
  },
);
