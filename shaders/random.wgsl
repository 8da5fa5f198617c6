// Counter-based random numbers, Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", 2011): element i is word i % 4 of
//
//   philox(counter = (⌊i / 4⌋, counter, 0, 0), key = (seed, stream))
//
// uniforms  result_i = ⌊word / 2⁸⌋ / 2²⁴, in [0, 1)
// normals   result_i = √2 erf⁻¹(x), x = (2 ⌊word / 2⁹⌋ + 1) / 2²³ − 1, in (−1, 1): odd multiples of
//           2⁻²³, all exact in f32 and never ±1; |result_i| < 5.5
//
// result  (count)
//
// erf⁻¹ is Giles' polynomial ("Approximating the erfinv function", GPU Computing Gems, 2011), which
// needs only log and sqrt; WGSL's cos and sin would be too coarse for Box–Muller. One thread a
// block of four elements.

struct Uniforms {
  count: u32,
  seed: u32,
  stream: u32,
  counter: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;

// High word of the 64-bit product a · b.
fn multiplyHigh(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let cross = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let middle = (a & 0xffffu) * (b >> 16u) + (cross & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (cross >> 16u) + (middle >> 16u);
}

fn philox(block: u32) -> vec4u {
  var c = vec4u(block, u.counter, 0u, 0u);
  var key = vec2u(u.seed, u.stream);
  for (var round = 0; round < 10; round++) {
    c = vec4u(
      multiplyHigh(0xCD9E8D57u, c.z) ^ c.y ^ key.x,
      0xCD9E8D57u * c.z,
      multiplyHigh(0xD2511F53u, c.x) ^ c.w ^ key.y,
      0xD2511F53u * c.x,
    );
    key += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

fn normal(word: u32) -> f32 {
  let x = f32(i32(2u * (word >> 9u) + 1u) - 0x800000) * 0x1p-23f;
  var w = -log((1.0 - x) * (1.0 + x));
  var p: f32;
  if (w < 5.0) {
    w -= 2.5;
    p = 2.81022636e-08;
    p = 3.43273939e-07 + p * w;
    p = -3.5233877e-06 + p * w;
    p = -4.39150654e-06 + p * w;
    p = 0.00021858087 + p * w;
    p = -0.00125372503 + p * w;
    p = -0.00417768164 + p * w;
    p = 0.246640727 + p * w;
    p = 1.50140941 + p * w;
  } else {
    w = sqrt(w) - 3.0;
    p = -0.000200214257;
    p = 0.000100950558 + p * w;
    p = 0.00134934322 + p * w;
    p = -0.00367342844 + p * w;
    p = 0.00573950773 + p * w;
    p = -0.0076224613 + p * w;
    p = 0.00943887047 + p * w;
    p = 1.00167406 + p * w;
    p = 2.83297682 + p * w;
  }
  return 1.41421356 * p * x;
}

@compute @workgroup_size(64)
fn uniforms(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let block = id.x + id.y * groups.x * 64u;
  let words = philox(block);
  for (var k = 0u; k < 4u; k++) {
    if (4u * block + k < u.count) { result[4u * block + k] = f32(words[k] >> 8u) * 0x1p-24f; }
  }
}

@compute @workgroup_size(64)
fn normals(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let block = id.x + id.y * groups.x * 64u;
  let words = philox(block);
  for (var k = 0u; k < 4u; k++) {
    if (4u * block + k < u.count) { result[4u * block + k] = normal(words[k]); }
  }
}
