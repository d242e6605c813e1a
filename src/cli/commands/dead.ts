/** `arpeggio dead`: the calls that nobody could do. */
import type { Command } from "commander"
import type { App } from "../../client/app.ts"
import type { DeadLetter } from "../../result/dead-letter.ts"
import { connecting, type Where, withApp } from "../connecting.ts"
import { misused, Refusal } from "../exits.ts"
import { countOf } from "../typed.ts"
import { jsonWords, moment, show, table } from "../output.ts"

const ids = "ids of dead letters, or parts of them that only one has: four characters at least"

export const addDead = (program: Command): void => {
  const dead = program.command("dead").description("lists dead letters: calls that nobody could do")
  addList(dead)
  addOne(dead)
  connecting(dead.command("redrive").argument("<letter...>", ids))
    .description("starts the run of each again, with the successes that it had stored")
    .option("--queue <name>", "where the call is to wait instead")
    .action((letters: ReadonlyArray<string>, options: Where & { readonly queue?: string }) =>
      withApp(options, async (app) => {
        const { queue } = options
        const done: Array<{ readonly letter: string; readonly run: string }> = []
        for (const letter of await wholeIds(app, letters)) {
          const run = await app.deadLetters.redrive(letter, queue === undefined ? {} : { queue })
          done.push({ letter, run: run.id })
        }
        await show(done, (all) => all.map(({ run }) => run).join("\n"), options)
      })
    )
  connecting(dead.command("drop").argument("<letter...>", ids))
    .description("removes them for good")
    .action((letters: ReadonlyArray<string>, options: Where) =>
      withApp(options, async (app) => {
        const dropped = await wholeIds(app, letters)
        for (const letter of dropped) await app.deadLetters.drop(letter)
        await show(dropped, (all) => all.map((one) => `${one}  dropped`).join("\n"), options)
      })
    )
}

const addList = (dead: Command): void => {
  connecting(dead.command("list", { isDefault: true }))
    .description("lists them, the oldest first")
    .option("--task <name>", "only those of one task")
    .option("--limit <number>", "how many at most, 1 to 1000", countOf("--limit", 1_000), 100)
    .action((options: Where & { readonly task?: string; readonly limit: number }) =>
      withApp(options, async (app) => {
        const { task, limit } = options
        const page = await app.deadLetters.list({ limit, ...(task === undefined ? {} : { task }) })
        await show(
          page.letters,
          (all) => (all.length === 0 ? "no dead letters" : rows(all)),
          options
        )
      })
    )
}

const addOne = (dead: Command): void => {
  connecting(dead.command("show").argument("<letter>", ids))
    .description("shows one with its arguments")
    .action((part: string, options: Where) =>
      withApp(options, async (app) => {
        const [letter] = await wholeIds(app, [part])
        const { body: _, ...opened } = await app.deadLetters.read(letter!)
        await show(
          opened,
          (one) =>
            Object.entries(one)
              .map(([field, value]) => `${field.padEnd(10)} ${fieldWords(value)}`)
              .join("\n"),
          options
        )
      })
    )
}

const fieldWords = (value: unknown): string => {
  if (value === undefined) return "-"
  if (value instanceof Date) return moment(value)
  return typeof value === "string" ? value : jsonWords(value)
}

const rows = (letters: ReadonlyArray<DeadLetter>): string =>
  table(
    ["LETTER", "AT", "TASK", "QUEUE", "REASON"],
    letters.map(({ id, at, task, queue, reason, obstacle }) => [
      id,
      moment(at),
      task ?? "-",
      queue ?? "-",
      obstacle === undefined ? reason : `${reason} (cannot be redriven: ${obstacle})`
    ])
  )

/** The letters that are meant. All are listed for that, or as many as it takes to meet each one that is named by its whole id. */
const wholeIds = async (app: App, parts: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const known: Array<string> = []
  for (let from: string | undefined; ;) {
    const page = await app.deadLetters.list({
      limit: 1_000,
      ...(from === undefined ? {} : { from })
    })
    known.push(...page.letters.map(({ id }) => id))
    from = page.next
    if (from === undefined || parts.every((part) => known.includes(part))) break
  }
  return parts.map((part) => {
    if (known.includes(part)) return part
    if (part.length < 4) throw misused(`${part} is too short: give four characters at least`)
    const [first, ...others] = known.filter((one) => one.includes(part))
    if (first === undefined) {
      throw new Refusal(
        "notFound",
        `there is no dead letter ${part}: it was redriven, perhaps with another one of its run, or dropped, or the id is wrong. arpeggio dead list shows those that are there.`
      )
    }
    if (others.length === 0) return first
    throw misused(
      `${part} is a part of ${others.length + 1} ids: ${[first, ...others].slice(0, 5).join(", ")}`
    )
  })
}
