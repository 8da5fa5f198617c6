// y = σ(x) = 1 / (1 + exp(−x)), written with exp(−|x|), which cannot overflow.
//
// x, y  (count)
//
// One thread an element.

struct Uniforms {
  count: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= u.count) { return; }

  let e = exp(-abs(x[i]));
  y[i] = select(e, 1.0, x[i] >= 0.0) / (1.0 + e);
}
