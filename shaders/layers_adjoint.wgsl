// Adjoint of layers.wgsl with respect to the masks:
//
//   result_fi = Σ_b Σ_c cotangent_fbci (F_fci − G_bci)
//
// images   (foregrounds + backgrounds, 3, pixels), F and then G
// cotangent  (foregrounds, backgrounds, 3, pixels)
// result     (foregrounds, pixels)
//
// One thread a pixel of a mask.

struct Uniforms {
  foregrounds: u32,
  backgrounds: u32,
  pixels: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> images: array<f32>;
@group(0) @binding(2) var<storage, read> cotangent: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= u.foregrounds * u.pixels) { return; }

  let image = 3u * u.pixels;
  let f = thread / u.pixels;
  let i = thread % u.pixels;
  var total = 0.0;
  for (var b = 0u; b < u.backgrounds; b++) {
    for (var c = 0u; c < 3u; c++) {
      let inside = c * u.pixels + i;
      let front = images[f * image + inside];
      let back = images[(u.foregrounds + b) * image + inside];
      total += cotangent[(f * u.backgrounds + b) * image + inside] * (front - back);
    }
  }
  result[thread] = total;
}
