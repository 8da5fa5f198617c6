// Cosine similarity of each image with its text, CLIP's logit:
//
//   result_p = scale · ⟨e_p, t_p⟩ / ‖e_p‖
//
// embeds  (planes, width): e
// texts   (planes, width): t, of length 1
// result  (planes)
//
// One thread a plane: there are a few, of some hundred numbers.

struct Uniforms {
  planes: u32,
  width: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> embeds: array<f32>;
@group(0) @binding(2) var<storage, read> texts: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let p = id.x + id.y * groups.x * 64u;
  if (p >= u.planes) { return; }

  var product = 0.0;
  var square = 0.0;
  for (var i = p * u.width; i < (p + 1u) * u.width; i++) {
    product += embeds[i] * texts[i];
    square += embeds[i] * embeds[i];
  }
  result[p] = u.scale * product / sqrt(square);
}
