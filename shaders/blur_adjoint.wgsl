// Adjoint of one pass of the modified bilateral filter over every plane: result = Bᵀ cotangent, as
// a gather (no atomics):
//
//   result_j = Σ_i w_ij cotangent_i,   i over the 3×3 neighbours of j
//
// If i is j's neighbour k, then j is i's neighbour 8 − k.
//
// weights            (9, height, width), as in bilateral_weights.wgsl
// cotangent, result  (planes, height, width)
//
// One thread a pixel of a plane. The plane is indexed flat, as in blur.wgsl: if i is across the
// left or right border from j, then so is j from i, and that weight is 0.

struct Uniforms {
  planes: u32,
  height: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> cotangent: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let pixels = u.height * u.width;
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= u.planes * pixels) { return; }

  let j = thread % pixels;
  let plane = thread - j;
  var sum = 0.0;
  for (var k = 0u; k < 9u; k++) {
    // Unsigned: an index before the plane wraps around to a huge one.
    let i = j + (k / 3u) * u.width + k % 3u - u.width - 1u;
    if (i < pixels) { sum += weights[(8u - k) * pixels + i] * cotangent[plane + i]; }
  }
  result[thread] = sum;
}
