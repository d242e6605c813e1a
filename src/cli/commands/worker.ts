/** `arpeggio worker` and `arpeggio dev`: a worker for the tasks of some files. */
import { type Command, Option } from "commander"
import type { WorkerOptions } from "../../worker/serve.ts"
import { brokerOptions, located, type Where } from "../connecting.ts"
import { countOf, type Lasting, durationOf } from "../typed.ts"
import { misused } from "../exits.ts"
import { remark } from "../output.ts"
import { files } from "./tasks.ts"

/** How much a worker says. */
const levels = ["debug", "info", "warning", "error", "quiet"] as const

type Level = (typeof levels)[number]

interface Working extends Where {
  readonly loglevel?: Level
  readonly concurrency?: number
  readonly queues?: ReadonlyArray<string>
  readonly grace?: Lasting
}

export const addWorker = (program: Command): void => {
  working(
    located(program.command("worker").argument("[file...]", files)),
    "starts a worker for the tasks that files export, until Ctrl-C or SIGTERM: then it lets finish what runs"
  ).action((named: ReadonlyArray<string>, options: Working) => work(named, options, {}))
}

export const addDev = (program: Command): void => {
  working(
    program
      .command("dev")
      .argument("[file...]", files)
      .option(
        "--namespace <name>",
        "the namespace (default: ARPEGGIO_NAMESPACE, else the project's package name)"
      ),
    "starts a worker on the project's own NATS server, which is started where none runs"
  ).action((named: ReadonlyArray<string>, options: Working) =>
    work(named, options, { embedded: true })
  )
}

const working = (command: Command, description: string): Command =>
  command
    .description(description)
    .option(
      "--concurrency <number>",
      "calls executed at a time, per queue (default: 20)",
      countOf("--concurrency", 10_000)
    )
    .option("--queues <names>", "queues served besides those of the tasks, with commas", namesOf)
    .option(
      "--grace <duration>",
      "how long running handlers may take to finish when it stops (default: 25s)",
      durationOf
    )
    .addOption(
      new Option(
        "--loglevel <level>",
        "debug: info, and how files were loaded; info: each step; warning: what went wrong; error: only what failed for good; quiet: nothing while it works (default: info)"
      ).choices(levels)
    )

const namesOf = (text: string): ReadonlyArray<string> => text.split(",")

const work = async (
  named: ReadonlyArray<string>,
  options: Working,
  more: WorkerOptions
): Promise<void> => {
  const [{ filesOf, loadAll }, { servable }, { serve }] = await Promise.all([
    import("../load.ts"),
    import("../registered.ts"),
    import("../../worker/serve.ts")
  ])
  const paths = filesOf(named)
  if (paths.length === 0) {
    throw misused(
      "there is no folder workflows here: name the files that export your tasks, for example arpeggio worker src/tasks.ts, or list them as arpeggio.tasks in package.json"
    )
  }
  const loaded = await loadAll(paths)
  const { loglevel, concurrency, queues, grace } = options
  if (loglevel === "debug") {
    for (const { file, how } of loaded) remark(`arpeggio: ${file} was loaded ${how}`)
  }
  const programs = loaded.flatMap(({ waiting }) => (waiting === undefined ? [] : [waiting]))
  await serve(servable(loaded) as ReadonlyArray<never>, {
    log: "steps",
    ...Object.assign({}, ...programs.map((program) => program.options)),
    ...brokerOptions(options),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(queues === undefined ? {} : { queues }),
    ...(grace === undefined ? {} : { grace }),
    ...(loglevel === undefined ? {} : said[loglevel]()),
    ...more
  })
  for (const program of programs) await program.goOn()
}

/** The banner, with which a worker begins, is no news of the level `error`. */
const withoutBanner = (line: string): void => {
  if (!/^arpeggio \S+ {2}worker /.test(line)) remark(line)
}

const said: { readonly [level in Level]: () => Pick<WorkerOptions, "log" | "print"> } = {
  debug: () => ({ log: "steps", print: remark }),
  info: () => ({ log: "steps", print: remark }),
  warning: () => ({ log: "quiet", print: remark }),
  error: () => ({ log: "errors", print: withoutBanner }),
  quiet: () => ({ log: "errors", print: () => {} })
}
