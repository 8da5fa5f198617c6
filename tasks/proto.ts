/**
 * Generates `src/onnx/proto/onnx_pb.ts` from `onnx.proto` beside it, ONNX's own schema:
 *
 *     deno task proto
 *
 * npx fetches the generators, buf and protoc-gen-es.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../src/onnx/proto/", import.meta.url));
const FILE = `${FOLDER}onnx_pb.ts`;
const TOOLS = ["@bufbuild/buf@1.75.0", "@bufbuild/protoc-gen-es@2.17.0"];
/** The runtime that reads and writes the messages. */
const RUNTIME = "npm:@bufbuild/protobuf@2.17.0";

const template = {
  version: "v2",
  plugins: [{ local: "protoc-gen-es", out: FOLDER, opt: ["target=ts", "erasable_syntax=true"] }],
};
const { success } = await new Deno.Command("npx", {
  args: [
    "--yes",
    ...TOOLS.map((tool) => `--package=${tool}`),
    ...["buf", "generate", FOLDER, "--template", JSON.stringify(template)],
  ],
  stdout: "inherit",
  stderr: "inherit",
}).output();
if (!success) Deno.exit(1);

const generated = await Deno.readTextFile(FILE);
await Deno.writeTextFile(
  FILE,
  generated
    // In full, because a module imported from a URL does not see an import map.
    .replaceAll(/(?<=from ")@bufbuild\/protobuf(?=["/])/g, RUNTIME)
    // Nothing that is read from a file or made here is shared memory.
    .replaceAll(/\bUint8Array\b(?!<)/g, "Uint8Array<ArrayBuffer>"),
);
