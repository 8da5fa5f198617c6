// Bilateral weights of pixel i's 3×3 neighbours j (itself included, only those inside the image):
//
//   w_ij = e_ij / Σ_j e_ij,   e_ij = exp(−|i − j|² / 2σ²) · exp(−½ (‖guide_i − guide_j‖₂ / τ)²)
//
// guide    (channels, height, width)
// weights  (9, height, width); plane k is the neighbour (k / 3 − 1, k % 3 − 1) in (y, x) steps,
//          0 where that neighbour lies outside the image
//
// One thread a pixel.

struct Uniforms {
  channels: u32,
  height: u32,
  width: u32,
  sigma: f32,
  tau: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> guide: array<f32>;
@group(0) @binding(2) var<storage, read_write> weights: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let pixels = u.height * u.width;
  let i = id.x + id.y * groups.x * 64u;
  if (i >= pixels) { return; }

  let x = i32(i % u.width);
  let y = i32(i / u.width);
  var affinity: array<f32, 9>;
  var total = 0.0;
  for (var k = 0; k < 9; k++) {
    let dy = k / 3 - 1;
    let dx = k % 3 - 1;
    affinity[k] = 0.0;
    if (x + dx < 0 || x + dx >= i32(u.width) || y + dy < 0 || y + dy >= i32(u.height)) { continue; }
    let j = u32((y + dy) * i32(u.width) + x + dx);
    var distance = 0.0;
    for (var c = 0u; c < u.channels; c++) {
      let difference = guide[c * pixels + i] - guide[c * pixels + j];
      distance += difference * difference;
    }
    let steps = f32(dx * dx + dy * dy);
    affinity[k] = exp(-0.5 * (steps / (u.sigma * u.sigma) + distance / (u.tau * u.tau)));
    total += affinity[k];
  }
  for (var k = 0; k < 9; k++) {
    weights[u32(k) * pixels + i] = affinity[k] / total;
  }
}
