import assert from "node:assert/strict";
import type { Evaluation } from "./evaluate.ts";
import { evaluationCsv, evaluationTable } from "./table.ts";

const evaluation: Evaluation = {
  meanIou: 0.87654,
  precision: { "0.2": 1, "0.4": 0.975, "0.6": 0.9, "0.8": 0.5 },
  wholeImageMeanIou: 0.25,
  seconds: 12.3456,
  results: [],
};
const rows = [{ name: "rgb-bilateral", evaluation }, { name: "raster", evaluation }];

Deno.test("evaluationTable aligns its columns", () => {
  assert.deepEqual(evaluationTable(rows).split("\n"), [
    "variant         mIoU  Prec@0.2  Prec@0.4  Prec@0.6  Prec@0.8  whole image  s/picture",
    "rgb-bilateral  0.877     1.000     0.975     0.900     0.500        0.250     12.346",
    "raster         0.877     1.000     0.975     0.900     0.500        0.250     12.346",
    "",
  ]);
});

Deno.test("evaluationCsv quotes what would break a line", () => {
  assert.equal(
    evaluationCsv([{ name: 'a "b", c', evaluation }]),
    "variant,mIoU,Prec@0.2,Prec@0.4,Prec@0.6,Prec@0.8,whole image,s/picture\r\n" +
      '"a ""b"", c",0.877,1.000,0.975,0.900,0.500,0.250,12.346\r\n',
  );
});
