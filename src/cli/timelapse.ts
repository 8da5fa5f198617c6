import { Option } from "npm:@commander-js/extra-typings@15.1.0";
import { FRAME_EVERY, FRAME_EVERY_RANGE } from "../iterate.ts";
import { numberIn, wanted } from "./options.ts";

/** `--timelapse`. */
export const timelapseOption = () =>
  new Option("--timelapse", "write also an animated GIF of how each result came about");

/** `--timelapse-every <k>`, which asks for a film too. */
export const timelapseEveryOption = () =>
  new Option("--timelapse-every <k>", wanted("iterations between its frames", FRAME_EVERY_RANGE))
    .argParser(numberIn(FRAME_EVERY_RANGE)).default(FRAME_EVERY).implies({ timelapse: true });

/** `--frame-every <k>`. */
export const frameEveryOption = () =>
  new Option("--frame-every <k>", wanted("iterations between what is kept", FRAME_EVERY_RANGE))
    .argParser(numberIn(FRAME_EVERY_RANGE)).default(FRAME_EVERY);
