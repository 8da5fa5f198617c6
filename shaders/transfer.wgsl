// One deterministic move of latents from noise level t to t′, along a combination of estimates of
// their noise:
//
//   e = Σ_k weight_k · noise_k
//   ẑ_0 = clamp((start − √(1 − ᾱ_t) e) / √ᾱ_t, ±clip)
//   result = √ᾱ_t′ ẑ_0 + √(1 − ᾱ_t′) e
//
// start   (count): z_t
// noise0… (count): estimates of ε, the latest first
// result  (count): z_t′
// batch   (2, count): the same twice, for the unconditional and the conditional prediction
//
// signal, sigma = √ᾱ_t, √(1 − ᾱ_t); nextSignal, nextSigma the same at t′. One thread an element of
// the result.

struct Uniforms {
  count: u32,
  weight0: f32,
  weight1: f32,
  weight2: f32,
  weight3: f32,
  signal: f32,
  sigma: f32,
  nextSignal: f32,
  nextSigma: f32,
  clip: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> start: array<f32>;
@group(0) @binding(2) var<storage, read> noise0: array<f32>;
@group(0) @binding(3) var<storage, read> noise1: array<f32>;
@group(0) @binding(4) var<storage, read> noise2: array<f32>;
@group(0) @binding(5) var<storage, read> noise3: array<f32>;
@group(0) @binding(6) var<storage, read_write> result: array<f32>;
@group(0) @binding(7) var<storage, read_write> batch: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= u.count) { return; }

  let e = u.weight0 * noise0[i] + u.weight1 * noise1[i] + u.weight2 * noise2[i] +
    u.weight3 * noise3[i];
  let clean = clamp((start[i] - u.sigma * e) / u.signal, -u.clip, u.clip);
  let moved = u.nextSignal * clean + u.nextSigma * e;
  result[i] = moved;
  batch[i] = moved;
  batch[u.count + i] = moved;
}
