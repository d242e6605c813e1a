/** `arpeggio show`, `result` and `cancel`: what can be asked of one run. */
import type { Command } from "commander"
import type { Outcome } from "../../define/outcome.ts"
import type { Run, RunDescription } from "../../result/run.ts"
import { connecting, type Where, withApp } from "../connecting.ts"
import { type Lasting, durationOf } from "../typed.ts"
import { Refusal } from "../exits.ts"
import { ended, endingWords } from "../outcomes.ts"
import { moment, show, table } from "../output.ts"

const id = "the whole id of the run, as start and the log of workers say it"

export const addShow = (program: Command): void => {
  connecting(program.command("show").alias("status").argument("<run>", id))
    .description("says where a run stands, and for what it waits")
    .action((run: string, options: Where) =>
      withApp(options, async (app) => {
        const shown = await look(app.attach(run))
        await show(shown, words, options)
      })
    )
}

/** Where a run stands; of one that has ended, with its outcome. */
type Shown = RunDescription & { readonly outcome?: Outcome<unknown, unknown> }

const look = async (run: Run<unknown, unknown>): Promise<Shown> => {
  const description = await run.describe()
  const { status } = description
  if (status === "unknown" || status === "forgotten") {
    throw new Refusal("notFound", description.words)
  }
  return /^[A-Z]/.test(status) ? { ...description, outcome: await run.outcome() } : description
}

const words = ({ run, status, cancel, waiting, more, outcome, words: said }: Shown): string => {
  const lines = [outcome === undefined ? `${run}  ${status}` : `${run}  ${endingWords(outcome)}`]
  if (outcome !== undefined) return lines.join("\n")
  if (waiting.length === 0) lines.push(said)
  if (cancel !== undefined) lines.push(`somebody asked for its cancel at ${moment(cancel)}`)
  if (waiting.length > 0) {
    const rows = waiting.map((step) => [
      `${step.task || "-"}#${step.step}`,
      step.for,
      moment(step.since),
      step.words
    ])
    lines.push("", table(["STEP", "WAITS FOR", "SINCE", "THAT IS"], rows))
  }
  if (more > 0) lines.push(`and ${more} more`)
  return lines.join("\n")
}

export const addResult = (program: Command): void => {
  connecting(program.command("result").argument("<run>", id))
    .description("prints what a run gave, as JSON")
    .option("--wait <duration>", "how long to wait for its end (default: not at all)", durationOf)
    .action((run: string, options: Where & { readonly wait?: Lasting }) =>
      withApp(options, async (app) => {
        const handle = app.attach(run)
        if (options.wait === undefined) {
          const { outcome, status, words: said } = await look(handle)
          if (outcome === undefined) {
            throw new Refusal("notYet", `run ${run} has not ended (${status}): ${said}`)
          }
        }
        await ended(handle, options, options.wait)
      })
    )
}

export const addCancel = (program: Command): void => {
  connecting(program.command("cancel").argument("<run>", id))
    .description("cancels a run, unless it ends first, and says how it ended")
    .option("--within <duration>", "how long to wait until a worker has done that", durationOf)
    .action((run: string, options: Where & { readonly within?: Lasting }) =>
      withApp(options, async (app) => {
        const { within } = options
        const status = await app.cancel(run, within === undefined ? {} : { within })
        await show({ run, status }, (one) => `${one.run}  ${one.status}`, options)
      })
    )
}
