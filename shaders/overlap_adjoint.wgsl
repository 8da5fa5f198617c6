// Cotangent of κ Σ_{i<j} α_i·α_j, the masks' overlap in every pixel, added in place:
// cotangent_i += κ Σ_{j≠i} α_j.
//
// alpha, cotangent  (planes, pixels)
//
// One thread an element.

struct Uniforms {
  planes: u32,
  pixels: u32,
  weight: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> alpha: array<f32>;
@group(0) @binding(2) var<storage, read_write> cotangent: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= u.planes * u.pixels) { return; }

  var others = 0.0;
  for (var j = i % u.pixels; j < u.planes * u.pixels; j += u.pixels) {
    if (j != i) { others += alpha[j]; }
  }
  cotangent[i] += u.weight * others;
}
