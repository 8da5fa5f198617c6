// Cotangent of the embeddings of the images, from that of the similarities:
//
//   result_p = scale · cotangent_p / ‖e_p‖ · (t_p − ⟨e_p, t_p⟩ / ‖e_p‖² · e_p)
//
// embeds     (planes, width): e
// texts      (planes, width): t, of length 1
// cotangent  (planes)
// result     (planes, width)
//
// One thread an element; each sums its plane anew, which is less than waiting for one that does.

struct Uniforms {
  planes: u32,
  width: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> embeds: array<f32>;
@group(0) @binding(2) var<storage, read> texts: array<f32>;
@group(0) @binding(3) var<storage, read> cotangent: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let o = id.x + id.y * groups.x * 64u;
  if (o >= u.planes * u.width) { return; }

  let p = o / u.width;
  var product = 0.0;
  var square = 0.0;
  for (var i = p * u.width; i < (p + 1u) * u.width; i++) {
    product += embeds[i] * texts[i];
    square += embeds[i] * embeds[i];
  }
  let weight = u.scale * cotangent[p] / sqrt(square);
  result[o] = weight * (texts[o] - product / square * embeds[o]);
}
