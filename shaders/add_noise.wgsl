// Forward diffusion of every prompt's latents, written twice, for the unconditional and the
// conditional half of the U-Net's batch:
//
//   result_p = result_(planes + p) = √ᾱ_t · latents_p + √(1 − ᾱ_t) · noise
//
// latents  (planes, count)
// noise    (count), shared by all prompts
// result   (2 · planes, count)
//
// signal = √ᾱ_t, sigma = √(1 − ᾱ_t). One thread an element of the result.

struct Uniforms {
  planes: u32,
  count: u32,
  signal: f32,
  sigma: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> latents: array<f32>;
@group(0) @binding(2) var<storage, read> noise: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let size = u.planes * u.count;
  let i = id.x + id.y * groups.x * 64u;
  if (i >= 2u * size) { return; }

  result[i] = u.signal * latents[i % size] + u.sigma * noise[i % u.count];
}
