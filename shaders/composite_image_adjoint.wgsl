// Adjoint of composite.wgsl with respect to the images, where each mask has its own:
//
//   result_pci = α_pi cotangent_pci
//
// alpha      (planes, pixels)
// cotangent  (planes, 3, pixels)
// result     (planes, 3, pixels)
//
// One thread an element of the result.

struct Uniforms {
  planes: u32,
  pixels: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> alpha: array<f32>;
@group(0) @binding(2) var<storage, read> cotangent: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= 3u * u.planes * u.pixels) { return; }

  let p = thread / (3u * u.pixels);
  result[thread] = alpha[p * u.pixels + thread % u.pixels] * cotangent[thread];
}
