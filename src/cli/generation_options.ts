import { optimizationCommand } from "./optimization_options.ts";
import { settingOption } from "./options.ts";
import { timelapseEveryOption, timelapseOption } from "./timelapse.ts";

/** A command that makes images with their masks, with the options all of those have. */
export const generationCommand = (job: "generate" | "grid") =>
  optimizationCommand(job)
    .addOption(settingOption("imageParam", job))
    .addOption(timelapseOption())
    .addOption(timelapseEveryOption());
