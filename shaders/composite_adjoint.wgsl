// Adjoint of composite.wgsl with respect to the masks:
//
//   result_pi = Σ_c cotangent_pci (image_qci − b_c),   q = p mod images
//
// image      (images, 3, pixels)
// cotangent  (planes, 3, pixels)
// result     (planes, pixels)
//
// One thread a pixel of a mask.

struct Uniforms {
  planes: u32,
  images: u32,
  pixels: u32,
  red: f32,
  green: f32,
  blue: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> cotangent: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= u.planes * u.pixels) { return; }

  let i = thread % u.pixels;
  let p = thread / u.pixels;
  let first = p * 3u * u.pixels + i;
  let q = p % u.images * 3u * u.pixels + i;
  let color = vec3f(image[q], image[q + u.pixels], image[q + 2u * u.pixels]);
  let background = vec3f(u.red, u.green, u.blue);
  let bar = vec3f(
    cotangent[first],
    cotangent[first + u.pixels],
    cotangent[first + 2u * u.pixels],
  );
  result[thread] = dot(bar, color - background);
}
