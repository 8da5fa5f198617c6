import assert from "node:assert/strict";
import { type Contest, evaluationCsv, evaluationTable } from "./table.ts";

const dog = { prompt: "a dog", kind: "word", iou: 0.87654, wholeImageIou: 0.25, seconds: 12.3456 };
const cat = { ...dog, prompt: "a red cat", kind: "colour", iou: 0.5 };
const contest: Contest = {
  name: "pets",
  contenders: [{ name: "rgb-bilateral", results: [dog, cat] }, { name: "raster", results: [dog] }],
};

Deno.test("evaluationTable aligns its columns, sums up kinds and ends with the baseline", () => {
  assert.deepEqual(evaluationTable(contest).split("\n"), [
    "variant        kind    n   mIoU  Prec@0.2  Prec@0.4  Prec@0.6  Prec@0.8  s/image",
    "rgb-bilateral  all     2  0.688     1.000     1.000     0.500     0.500   12.346",
    "rgb-bilateral  colour  1  0.500     1.000     1.000     0.000     0.000   12.346",
    "rgb-bilateral  word    1  0.877     1.000     1.000     1.000     1.000   12.346",
    "raster         all     1  0.877     1.000     1.000     1.000     1.000   12.346",
    "whole image    all     2  0.250     1.000     0.000     0.000     0.000    0.000",
    "whole image    colour  1  0.250     1.000     0.000     0.000     0.000    0.000",
    "whole image    word    1  0.250     1.000     0.000     0.000     0.000    0.000",
    "",
  ]);
});

Deno.test("evaluationCsv names each row's set, and quotes what would break a line", () => {
  const alone = { name: 'a "b", c', contenders: [{ name: "raster", results: [cat] }] };
  const header = "set,variant,kind,n,mIoU,Prec@0.2,Prec@0.4,Prec@0.6,Prec@0.8,s/image";
  assert.deepEqual(evaluationCsv([alone, contest]).split("\r\n").slice(0, 4), [
    header,
    '"a ""b"", c",raster,all,1,0.500,1.000,1.000,0.000,0.000,12.346',
    '"a ""b"", c",whole image,all,1,0.250,1.000,0.000,0.000,0.000,0.000',
    "pets,rgb-bilateral,all,2,0.688,1.000,1.000,0.500,0.500,12.346",
  ]);
});
