/** All commands. What a command needs of the library is loaded when it runs, so that help and mistakes are answered at once. */
import { Command } from "commander"
import { version } from "../version.ts"
import { addCompletions } from "./commands/completions.ts"
import { addDead } from "./commands/dead.ts"
import { addDoctor } from "./commands/doctor.ts"
import { addInit } from "./commands/init.ts"
import { addRun, addStart } from "./commands/run.ts"
import { addCancel, addResult, addShow } from "./commands/runs.ts"
import { addSchedules } from "./commands/schedules.ts"
import { addTasks } from "./commands/tasks.ts"
import { addDev, addWorker } from "./commands/worker.ts"

/** In the order in which help lists them. */
const commands = [
  addInit,
  addDev,
  addWorker,
  addTasks,
  addRun,
  addStart,
  addShow,
  addResult,
  addCancel,
  addDead,
  addSchedules,
  addDoctor,
  addCompletions
]

/** The program, whose errors are said by whoever runs it. */
export const programOf = (): Command => {
  const program = new Command("arpeggio")
    .description("Operates Arpeggio: workers, runs, dead letters and schedules.")
    .version(version, "-V, --version", "print the version")
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ helpWidth: 100 })
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
  for (const add of commands) add(program)
  return program
}

/** A command with the ones that it has; the page about them shows each. */
export const everyCommand = (command: Command): ReadonlyArray<Command> => [
  command,
  ...command.commands.flatMap(everyCommand)
]
