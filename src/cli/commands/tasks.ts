/** `arpeggio tasks`: what a worker for some files would serve, without connecting to anything. */
import type { Command } from "commander"
import { misused } from "../exits.ts"
import { type Format, show, table } from "../output.ts"

/** One task, as it is printed with `--json`. */
interface Listed {
  readonly task: string
  readonly file: string
  readonly export: string
  readonly queue: string
  readonly arguments: number
  /** In milliseconds; null: the worker's. */
  readonly timeout: number | null
  readonly handler: boolean
}

/** Which files a command takes that looks for tasks. */
export const files =
  "files or folders that export tasks (default: arpeggio.tasks in package.json, else workflows)"

export const addTasks = (program: Command): void => {
  program
    .command("tasks")
    .argument("[file...]", files)
    .description("lists the tasks that files export; connects to nothing")
    .option("--json", "print one JSON document")
    .action(async (named: ReadonlyArray<string>, options: Format) => {
      const [{ filesOf, loadAll }, { registeredIn }] = await Promise.all([
        import("../load.ts"),
        import("../registered.ts")
      ])
      const paths = filesOf(named)
      if (paths.length === 0) {
        throw misused("there is no folder workflows here: name the files that export your tasks")
      }
      const found = [...registeredIn(await loadAll(paths)).values()]
      const listed = found.map(({ definition, file, path }): Listed => ({
        task: definition.name,
        file,
        export: path,
        queue: definition.queue,
        arguments: definition.arity,
        timeout: definition.timeout ?? null,
        handler: definition.handler !== undefined
      }))
      await show(listed, words, options)
    })
}

const words = (listed: ReadonlyArray<Listed>): string =>
  listed.length === 0
    ? "no tasks"
    : table(
        ["TASK", "QUEUE", "ARGUMENTS", "TIMEOUT", "HANDLER", "WHERE"],
        listed.map((one) => [
          one.task,
          one.queue,
          String(one.arguments),
          one.timeout === null ? "-" : `${one.timeout} ms`,
          one.handler ? "yes" : "no",
          `${one.file} ${one.export}`
        ])
      )
