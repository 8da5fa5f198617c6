import { Option } from "npm:@commander-js/extra-typings@15.1.0";
import { FRAME_EVERY } from "../iterate.ts";
import { setting, wanted } from "./options.ts";

/** `--timelapse`. */
export const timelapseOption = () =>
  new Option("--timelapse", "write also an animated GIF of how each result came about");

/** `--timelapse-every <k>`, which asks for a film too. */
export const timelapseEveryOption = () =>
  new Option("--timelapse-every <k>", wanted("iterations between its frames", "frameEvery"))
    .argParser(setting("frameEvery")).default(FRAME_EVERY).implies({ timelapse: true });

/** `--frame-every <k>`. */
export const frameEveryOption = () =>
  new Option("--frame-every <k>", wanted("iterations between what is kept", "frameEvery"))
    .argParser(setting("frameEvery")).default(FRAME_EVERY);
