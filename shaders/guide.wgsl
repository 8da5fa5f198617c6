// Classifier-free guidance and the residual of score distillation, the cotangent of the latents:
//
//   p = p_u + guidanceScale · (p_c − p_u)
//   ε̂ = predictionScale · p + noisyScale · z_t
//   result = weight · (ε̂ − ε)
//
// prediction  (2 · planes, count): p_u of every prompt, then p_c of every prompt
// noisy       (2 · planes, count): z_t, both halves alike
// noise       (count): ε, shared by all prompts
// result      (planes, count)
//
// A network that predicts ε has scales 1 and 0, one that predicts v has √ᾱ_t and √(1 − ᾱ_t).
// weight = w(t). One thread an element of the result.

struct Uniforms {
  planes: u32,
  count: u32,
  guidanceScale: f32,
  weight: f32,
  predictionScale: f32,
  noisyScale: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
@group(0) @binding(2) var<storage, read> noisy: array<f32>;
@group(0) @binding(3) var<storage, read> noise: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let size = u.planes * u.count;
  let i = id.x + id.y * groups.x * 64u;
  if (i >= size) { return; }

  let unconditional = prediction[i];
  let guided = unconditional + u.guidanceScale * (prediction[size + i] - unconditional);
  let estimate = u.predictionScale * guided + u.noisyScale * noisy[i];
  result[i] = u.weight * (estimate - noise[i % u.count]);
}
