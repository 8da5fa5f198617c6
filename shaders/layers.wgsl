// Every foreground, through its mask, over every background:
//
//   result_fbci = α_fi F_fci + (1 − α_fi) G_bci
//
// images  (foregrounds + backgrounds, 3, pixels), F and then G
// alpha     (foregrounds, pixels)
// result    (foregrounds, backgrounds, 3, pixels)
//
// One thread an element of the result.

struct Uniforms {
  foregrounds: u32,
  backgrounds: u32,
  pixels: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> images: array<f32>;
@group(0) @binding(2) var<storage, read> alpha: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let thread = id.x + id.y * groups.x * 64u;
  let image = 3u * u.pixels;
  if (thread >= u.foregrounds * u.backgrounds * image) { return; }

  let inside = thread % image;
  let f = thread / image / u.backgrounds;
  let b = thread / image % u.backgrounds;
  let a = alpha[f * u.pixels + inside % u.pixels];
  let front = images[f * image + inside];
  let back = images[(u.foregrounds + b) * image + inside];
  result[thread] = a * front + (1.0 - a) * back;
}
