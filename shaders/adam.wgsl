// Adam's step k with learning rate η, in place:
//
//   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
//   θ ← θ − η · (m / correction1) / (√(v / correction2) + ε),   correctionᵢ = 1 − βᵢᵏ
//
// parameters (θ), gradient (g), firstMoment (m), secondMoment (v)  (count)
//
// One thread an element.

struct Uniforms {
  count: u32,
  learningRate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  correction1: f32,
  correction2: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> firstMoment: array<f32>;
@group(0) @binding(4) var<storage, read_write> secondMoment: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= u.count) { return; }

  let g = gradient[i];
  let m = u.beta1 * firstMoment[i] + (1.0 - u.beta1) * g;
  let v = u.beta2 * secondMoment[i] + (1.0 - u.beta2) * g * g;
  firstMoment[i] = m;
  secondMoment[i] = v;
  parameters[i] -= u.learningRate * (m / u.correction1) / (sqrt(v / u.correction2) + u.epsilon);
}
