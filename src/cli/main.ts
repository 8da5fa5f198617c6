import { Command, CommanderError } from "npm:@commander-js/extra-typings@15.1.0";
import { UserError } from "../errors.ts";
import { discardUnfinished } from "../files/write.ts";
import { VERSION } from "../version.ts";
import { ablateCommand } from "./commands/ablate.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { inFlags } from "./flags.ts";
import { generateCommand } from "./commands/generate.ts";
import { gridCommand } from "./commands/grid.ts";
import { EXIT, type Io } from "./io.ts";
import { modelsCommand } from "./commands/models.ts";
import { sampleCommand } from "./commands/sample.ts";
import { segmentCommand } from "./commands/segment.ts";

/**
 * Runs the command line.
 *
 * A user's mistake prints one line and gives 2; a bug prints its stack and gives 1; an interrupted
 * job gives 130.
 *
 * @param args Arguments after the program's name.
 * @param world Streams and clock.
 * @returns The exit code.
 */
export async function main(args: readonly string[], world: Io): Promise<number> {
  // The library's messages name settings and options, which are flags here.
  const io: Io = {
    ...world,
    error: (message, hint) => world.error(inFlags(message), hint && inFlags(hint)),
    warn: (message) => world.warn(inFlags(message)),
  };
  let exitCode: number = EXIT.ok;
  const setExitCode = (code: number) => exitCode = code;
  const program = new Command("peekaboo")
    .description("Cuts out of an image what a prompt names, with a frozen text-to-image model.")
    .version(VERSION, "-V, --version")
    .exitOverride()
    .configureOutput({
      writeOut: io.writeOut,
      writeErr: io.writeError,
      // Commander would look in the environment for colours, which no message here has.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError(text) {
        // Commander puts its suggestions on a second line.
        const message = text.replace(/^error: /, "").trim().replace(/\n/g, " ");
        io.error(message, hintFor(message, args[0]));
      },
    });
  for (
    const makeCommand of [
      segmentCommand,
      generateCommand,
      gridCommand,
      sampleCommand,
      ablateCommand,
      modelsCommand,
      doctorCommand,
    ]
  ) {
    const command = makeCommand(io, setExitCode).copyInheritedSettings(program);
    for (const subcommand of command.commands) subcommand.copyInheritedSettings(command);
    program.addCommand(command);
  }
  try {
    checkDashes(args, program);
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.user;
    if (error instanceof UserError) {
      io.error(error.message, error.hint);
      return EXIT.user;
    }
    if (error instanceof Deno.errors.NotCapable) {
      io.error(error.message, "Deno's permissions; -A gives all");
      return EXIT.user;
    }
    io.writeError(`${error instanceof Error ? error.stack : error}\n`);
    return EXIT.bug;
  } finally {
    // The process ends now, and downloads beside one that failed may not have ended.
    discardUnfinished();
  }
}

/** The hint for a mistake that commander found in a command's arguments. */
function hintFor(message: string, command: string | undefined): string | undefined {
  if (command === undefined || !WITH_PROMPTS.includes(command)) return undefined;
  if (/^unknown option .*'$/s.test(message)) return dashHint(command);
  return command === "ablate" && message.startsWith("too many arguments")
    ? "give one image, and a prompt of several words in quotes"
    : undefined;
}

/** The commands that take prompts. */
const WITH_PROMPTS: readonly string[] = ["segment", "generate", "grid", "sample", "ablate"];

function dashHint(command: string): string {
  return command === "grid"
    ? 'write a prompt that starts with a dash as --foreground="-…" or --background="-…"'
    : "put -- before a prompt that starts with a dash";
}

/**
 * Refuses a prompt with a dash that commander would take apart: `-orange car` would be the folder
 * `range car` of `-o`.
 *
 * @throws {UserError}
 */
function checkDashes(args: readonly string[], program: Command) {
  const [name, ...others] = args;
  const command = program.commands.find((command) => command.name() === name);
  if (!command || !WITH_PROMPTS.includes(name)) return;
  for (const [i, text] of others.entries()) {
    if (text === "--") return;
    const isValue = i > 0 &&
      command.options.some(({ required, short, long }) =>
        required && [short, long].includes(others[i - 1])
      );
    if (isValue || !/^-[^-\s]\S*\s/.test(text)) continue;
    throw new UserError(`Unknown option "${text}"`, dashHint(name));
  }
}
