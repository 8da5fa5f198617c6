// Bilinear resize of every plane, half-pixel centres, clamped at the borders. Along one axis, output
// o samples the input at
//
//   s_o = clamp((o + ½) · in / out − ½, 0, in − 1) = n_o / (2 · out),
//   n_o = clamp((2o + 1) · in − out, 0, 2 · out · (in − 1))
//
// and y_o = (1 − f) x_⌊s⌋ + f x_⌊s⌋₊₁ with f = s − ⌊s⌋. n_o is an integer, so ⌊s⌋ is exact and the
// adjoint sees the same samples. Sides up to 32768.
//
// x  (planes, inHeight, inWidth)
// y  (planes, outHeight, outWidth)
//
// One thread an element of y.

struct Uniforms {
  planes: u32,
  inHeight: u32,
  inWidth: u32,
  outHeight: u32,
  outWidth: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// n_o of one axis.
fn sample(o: u32, inside: u32, out: u32) -> u32 {
  let product = (2u * o + 1u) * inside;
  return min(max(product, out) - out, 2u * out * (inside - 1u));
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= u.planes * u.outHeight * u.outWidth) { return; }

  let column = sample(thread % u.outWidth, u.inWidth, u.outWidth);
  let row = sample(thread / u.outWidth % u.outHeight, u.inHeight, u.outHeight);
  let plane = thread / u.outWidth / u.outHeight * u.inHeight;
  let left = column / (2u * u.outWidth);
  let right = min(left + 1u, u.inWidth - 1u);
  let top = row / (2u * u.outHeight);
  let bottom = min(top + 1u, u.inHeight - 1u);
  let fx = f32(column % (2u * u.outWidth)) / f32(2u * u.outWidth);
  let fy = f32(row % (2u * u.outHeight)) / f32(2u * u.outHeight);
  let upper = (plane + top) * u.inWidth;
  let lower = (plane + bottom) * u.inWidth;
  y[thread] = (1.0 - fy) * ((1.0 - fx) * x[upper + left] + fx * x[upper + right]) +
    fy * ((1.0 - fx) * x[lower + left] + fx * x[lower + right]);
}
