// Adjoint of y = σ(x), from the output: result = cotangent · y (1 − y).
//
// y, cotangent, result  (count)
//
// One thread an element.

struct Uniforms {
  count: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> cotangent: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= u.count) { return; }

  result[i] = cotangent[i] * y[i] * (1.0 - y[i]);
}
