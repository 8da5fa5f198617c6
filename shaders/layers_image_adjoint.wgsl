// Adjoint of layers.wgsl with respect to the images:
//
//   F̄_fci = Σ_b α_fi cotangent_fbci
//   Ḡ_bci = Σ_f (1 − α_fi) cotangent_fbci
//
// alpha      (foregrounds, pixels)
// cotangent  (foregrounds, backgrounds, 3, pixels)
// result     (foregrounds + backgrounds, 3, pixels), F̄ and then Ḡ
//
// One thread an element of the result.

struct Uniforms {
  foregrounds: u32,
  backgrounds: u32,
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
  let image = 3u * u.pixels;
  if (thread >= (u.foregrounds + u.backgrounds) * image) { return; }

  let p = thread / image;
  let inside = thread % image;
  let i = inside % u.pixels;
  var total = 0.0;
  if (p < u.foregrounds) {
    for (var b = 0u; b < u.backgrounds; b++) {
      total += alpha[p * u.pixels + i] * cotangent[(p * u.backgrounds + b) * image + inside];
    }
  } else {
    let b = p - u.foregrounds;
    for (var f = 0u; f < u.foregrounds; f++) {
      let through = 1.0 - alpha[f * u.pixels + i];
      total += through * cotangent[(f * u.backgrounds + b) * image + inside];
    }
  }
  result[thread] = total;
}
