/** `arpeggio run` and `arpeggio start`: a task by its name, with arguments as JSON. */
import type { Command } from "commander"
import type { App } from "../../client/app.ts"
import type { Run } from "../../result/run.ts"
import { connecting, owned, type Where, withApp } from "../connecting.ts"
import { type Lasting, durationOf } from "../typed.ts"
import { exits, misused } from "../exits.ts"
import { ended } from "../outcomes.ts"
import { remark, show } from "../output.ts"

interface Starting extends Where {
  readonly from?: string
  readonly queue?: string
  readonly key?: string
  readonly byName?: boolean
  readonly within?: Lasting
}

export const addRun = (program: Command): void => {
  starting(program.command("run"))
    .description("runs a task and prints what it gave, as JSON")
    .option("--within <duration>", "how long to wait; the run goes on after that", durationOf)
    .action((task: string, words: ReadonlyArray<string>, options: Starting) => {
      let id: string | undefined
      process.once("SIGINT", () => {
        remark(interrupted(id))
        // oxlint-disable-next-line unicorn/no-process-exit -- nobody waits any more
        process.exit(exits.interrupted)
      })
      return started(task, words, options, async (app, run) => {
        id = run.id
        await ended(app.attach(id), options, options.within)
      })
    })
}

const interrupted = (run: string | undefined): string =>
  run === undefined
    ? "arpeggio: interrupted before the broker had confirmed the start: the work may have been stored"
    : `arpeggio: run ${run} goes on: arpeggio result ${run} --wait 1m`

export const addStart = (program: Command): void => {
  starting(program.command("start"))
    .description("starts a task and prints the id of its run, once the work is stored")
    .action((task: string, words: ReadonlyArray<string>, options: Starting) =>
      started(task, words, options, (_, run) =>
        show({ run: run.id, task }, ({ run: id }) => id, options)
      )
    )
}

const starting = (command: Command): Command =>
  owned(
    connecting(
      command
        .argument("<task>", "its name, as math.add")
        .argument("[json...]", "its arguments, each as JSON: 4, true, '\"text\"', '{\"id\":1}'")
        .option(
          "--from <file>",
          "the file or folder with its contract (default: arpeggio.tasks in package.json, else workflows)"
        )
        .option(
          "--by-name",
          "look for no contract: what worker takes the call checks its arguments"
        )
        .option("--key <key>", "starting it again with this key gives the same run")
        .option("--queue <name>", "the queue it waits in (default: that of its contract)")
    )
  )

const started = async (
  task: string,
  words: ReadonlyArray<string>,
  options: Starting,
  work: (app: App, run: Run<unknown, unknown>) => Promise<void>
): Promise<void> => {
  const { callOf } = await import("../asked-call.ts")
  const call = await callOf({ task, words, ...options })
  if (options.within?.milliseconds === 0) throw misused("--within is a duration above zero")
  await withApp(
    options,
    async (app) => {
      const run = await app.start(call as never)
      await work(app, run)
    },
    {}
  )
}
