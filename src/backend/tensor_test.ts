import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { TensorScope } from "./tensor_scope.ts";

// The same refusals on every backend: a mistake must not depend on the machine.

testOnBackends("a tensor takes as many elements as it has, of its own type", async (backend) => {
  await using _ = backend;
  using x = backend.tensor([2, 2], Float32Array.of(1, 2, 3, 4));
  for (const data of [new Float32Array(3), new Float32Array(5), new Int32Array(4)]) {
    const message = new RegExp(
      `Wanted 4 elements of float32, given ${data.length} in a \\w+Array`,
    );
    assert.throws(() => backend.write(x, data), message);
    assert.throws(() => backend.tensor([2, 2], data), message);
  }
  assert.deepEqual([...await backend.read(x)], [1, 2, 3, 4]);
  assert.equal(backend.liveTensors, 1);

  const data = Float32Array.of(5, 6, 7, 8);
  backend.write(x, data);
  data.fill(0);
  assert.deepEqual([...await backend.read(x)], [5, 6, 7, 8]);
});

testOnBackends("only float32 is read, and the refusal is a rejection", async (backend) => {
  await using _ = backend;
  using ids = backend.tensor([2], Int32Array.of(1, 2), "int32");
  const reading = backend.read(ids);
  await assert.rejects(reading, { message: "Wanted a float32 tensor, found int32" });
});

testOnBackends("a tensor is of no use after its disposal", async (backend) => {
  await using _ = backend;
  const x = backend.tensor([3]);
  x[Symbol.dispose]();
  const message = { message: "Tensor [3] is used after it was disposed of" };
  assert.throws(() => backend.write(x, new Float32Array(3)), message);
  await assert.rejects(backend.read(x), message);
  assert.equal(backend.liveTensors, 0);
});

testOnBackends("a scope frees its tensors, unless they moved on", async (backend) => {
  await using _ = backend;
  let moved: Disposable;
  {
    using scope = new TensorScope(backend);
    scope.tensor([2]);
    scope.tensor([3]);
    assert.equal(backend.liveTensors, 2);
  }
  assert.equal(backend.liveTensors, 0);
  {
    using scope = new TensorScope(backend);
    scope.tensor([2]);
    moved = scope.move();
  }
  assert.equal(backend.liveTensors, 1);
  moved[Symbol.dispose]();
  assert.equal(backend.liveTensors, 0);
});
