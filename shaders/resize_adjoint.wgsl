// Adjoint of resize.wgsl, as a gather (no atomics). Along one axis, output o gives input i the share
//
//   h_oi = max(0, 1 − |s_o − i|),   s_o = n_o / (2 · out) as in resize.wgsl,
//
// so result_i = Σ_o h_oi cotangent_o in each axis, over the outputs with i − 1 < s_o < i + 1.
//
// cotangent  (planes, outHeight, outWidth)
// result     (planes, inHeight, inWidth)
//
// One thread an element of the result.

struct Uniforms {
  planes: u32,
  inHeight: u32,
  inWidth: u32,
  outHeight: u32,
  outWidth: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> cotangent: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

// h_oi of one axis, from integers.
fn share(o: u32, i: u32, inside: u32, out: u32) -> f32 {
  let product = (2u * o + 1u) * inside;
  let sample = min(max(product, out) - out, 2u * out * (inside - 1u));
  let distance = abs(i32(sample) - i32(2u * out * i));
  return f32(max(0, i32(2u * out) - distance)) / f32(2u * out);
}

// First output with s_o > i − 1, or one before it; the outputs clamped to input 0 belong to it.
fn first(i: u32, inside: u32, out: u32) -> u32 {
  if (i == 0u) { return 0u; }
  let product = (2u * i - 1u) * out;
  return (max(product, inside) - inside) / (2u * inside);
}

// One or two past the last output with s_o < i + 1; for the last input that is every output.
fn end(i: u32, inside: u32, out: u32) -> u32 {
  return min(out, ((2u * i + 3u) * out) / (2u * inside) + 1u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= u.planes * u.inHeight * u.inWidth) { return; }

  let column = thread % u.inWidth;
  let row = thread / u.inWidth % u.inHeight;
  let plane = thread / u.inWidth / u.inHeight * u.outHeight;
  let left = first(column, u.inWidth, u.outWidth);
  let right = end(column, u.inWidth, u.outWidth);
  let bottom = end(row, u.inHeight, u.outHeight);
  var sum = 0.0;
  for (var oy = first(row, u.inHeight, u.outHeight); oy < bottom; oy++) {
    var line = 0.0;
    for (var ox = left; ox < right; ox++) {
      line += share(ox, column, u.inWidth, u.outWidth) * cotangent[(plane + oy) * u.outWidth + ox];
    }
    sum += share(oy, row, u.inHeight, u.outHeight) * line;
  }
  result[thread] = sum;
}
