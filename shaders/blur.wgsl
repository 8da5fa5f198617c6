// One pass of the modified bilateral filter over every plane: y = B x, that is
//
//   y_i = Σ_j w_ij x_j,   j over the 3×3 neighbours of i
//
// weights  (9, height, width), as in bilateral_weights.wgsl
// x, y     (planes, height, width)
//
// One thread a pixel of a plane. The plane is indexed flat: a step past the left or right border
// lands on the neighbouring row, where the weight is 0, so only the ends of the plane are tested.

struct Uniforms {
  planes: u32,
  height: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let pixels = u.height * u.width;
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= u.planes * pixels) { return; }

  let i = thread % pixels;
  let plane = thread - i;
  var sum = 0.0;
  for (var k = 0u; k < 9u; k++) {
    // Unsigned: an index before the plane wraps around to a huge one.
    let j = i + (k / 3u) * u.width + k % 3u - u.width - 1u;
    if (j < pixels) { sum += weights[k * pixels + i] * x[plane + j]; }
  }
  y[thread] = sum;
}
