// Stochastic gradient descent with momentum μ and learning rate η, in place:
//
//   v ← μ v + g,   θ ← θ − η v
//
// parameters (θ), gradient (g), velocity (v)  (count)
//
// One thread an element.

struct Uniforms {
  count: u32,
  learningRate: f32,
  momentum: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> velocity: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= u.count) { return; }

  velocity[i] = u.momentum * velocity[i] + gradient[i];
  parameters[i] -= u.learningRate * velocity[i];
}
