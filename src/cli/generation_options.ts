import { Option } from "npm:@commander-js/extra-typings@15.1.0";
import { type GenerateOverrides, IMAGE_PARAMS } from "../generate_settings.ts";
import { optimizationCommand, optimizationOverrides } from "./optimization_options.ts";
import { timelapseEveryOption, timelapseOption } from "./timelapse.ts";

/** A command that makes pictures with their masks, with the options all of those have. */
export const generationCommand = (name: string) =>
  optimizationCommand(name, { area: "the opaque area", sized: "the pictures" })
    .addOption(
      new Option("--image-param <name>", "how colours and transparency are expressed")
        .choices(IMAGE_PARAMS).default(IMAGE_PARAMS[0]),
    )
    .addOption(timelapseOption())
    .addOption(timelapseEveryOption());

/** The settings that its options give. */
export function generationOverrides(
  options: ReturnType<ReturnType<typeof generationCommand>["opts"]>,
): GenerateOverrides {
  const { imageParam, size } = options;
  return { ...optimizationOverrides(options), imageParam, size };
}
