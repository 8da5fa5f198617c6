// Cotangent of the regulariser L_α = λ Σ_i α_i, added in place: cotangent += λ.
//
// cotangent  (count)
//
// One thread an element.

struct Uniforms {
  count: u32,
  lambda: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> cotangent: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= u.count) { return; }

  cotangent[i] += u.lambda;
}
