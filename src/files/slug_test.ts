import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { shorten, slug, slugs } from "./slug.ts";

Deno.test("slug keeps words and drops the rest", () => {
  assert.equal(slug("a strawberry"), "a-strawberry");
  assert.equal(slug("  A dog -- on the LEFT?! "), "a-dog-on-the-left");
  assert.equal(slug("../../etc/passwd"), "etc-passwd");
  assert.equal(slug('C:\\x<y>|"z"*'), "c-x-y-z");
});

Deno.test("slug keeps every script's letters, in one normal form", () => {
  assert.equal(slug("Äpfel und Öl"), "äpfel-und-öl");
  assert.equal(slug("A\u0308pfel"), slug("Äpfel"));
  assert.equal(slug("一只狗"), "一只狗");
  assert.equal(slug("ｆｕｌｌ ｗｉｄｔｈ"), "full-width");
  assert.equal(slug("हिन्दी"), "हिन्दी");
});

Deno.test("slug is never empty, and still tells such prompts apart", () => {
  assert.match(slug("🍓"), /^prompt-[0-9a-f]{8}$/);
  assert.match(slug("❤️"), /^prompt-[0-9a-f]{8}$/);
  assert.match(slug(""), /^prompt-[0-9a-f]{8}$/);
  assert.notEqual(slug("🍓"), slug("🍌"));
  assert.equal(slug("❤️ heart"), "heart");
});

Deno.test("slug avoids the names of Windows devices", () => {
  assert.equal(slug("CON"), "prompt-con");
  assert.equal(slug("com1"), "prompt-com1");
  assert.equal(slug("console"), "console");
});

Deno.test("slug shortens a long prompt without losing its identity", () => {
  const long = "a dog ".repeat(2000);
  assert.match(slug(long), /^a-dog-a-dog[-a-z]*-[0-9a-f]{8}$/);
  assert.notEqual(slug(long), slug(long + "and a cat"));
  assert.match(slug("狗".repeat(100)), /^狗+-[0-9a-f]{8}$/);
  assert.match(slug("a" + "\u0301\u0316".repeat(99)), /^prompt-[0-9a-f]{8}$/);
});

Deno.test("slug is a safe part of a file name, whatever the prompt", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (prompt) => {
      const name = slug(prompt);
      assert.match(name, /^[\p{L}\p{N}][-\p{L}\p{N}\p{M}]*$/u);
      assert.ok(!name.endsWith("-"));
      assert.ok(new TextEncoder().encode(name).length <= 80);
      assert.equal(name, name.normalize("NFC"));
    }),
    { numRuns: 500 },
  );
});

Deno.test("slugs never repeats one, and gives the first claimant the plain name", () => {
  assert.deepEqual(slugs(["a dog", "a dog", "A dog.", "a dog 2"]), [
    "a-dog",
    "a-dog-2",
    "a-dog-3",
    "a-dog-2-2",
  ]);
  const prompt = fc.string({ unit: fc.constantFrom("a", "A", "b", "!", " ", "2"), maxLength: 4 });
  fc.assert(fc.property(fc.array(prompt), (prompts) => {
    const names = slugs(prompts);
    assert.equal(new Set(names).size, prompts.length);
    assert.deepEqual(names, slugs(prompts));
  }));
});

Deno.test("shorten keeps a text that fits, and gives a longer one a hash", () => {
  assert.equal(shorten("häuschen", 12), "häuschen");
  assert.equal(shorten("häuschen am see", 12), "hä-25341e7e");
});
