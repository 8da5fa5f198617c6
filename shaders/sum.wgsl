// Sum of every plane, in a fixed order, so the same numbers give the same sum:
//
//   lane_l = Σ_k x_(l + 64 k) for 64 lanes l, then lane_l += lane_(l + h), h = 32, 16, … 1
//
// x       (planes, count)
// result  (planes)
//
// One workgroup of 64 lanes a plane.

struct Uniforms {
  planes: u32,
  count: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

var<workgroup> lanes: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let plane = group.x + group.y * groups.x;
  if (plane >= u.planes) { return; }

  var total = 0.0;
  for (var i = lane; i < u.count; i += 64u) { total += x[plane * u.count + i]; }
  lanes[lane] = total;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { lanes[lane] += lanes[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) { result[plane] = lanes[0]; }
}
