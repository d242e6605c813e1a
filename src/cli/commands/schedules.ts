/** `arpeggio schedules`: what is started at its times. */
import type { Command } from "commander"
import type { App } from "../../client/app.ts"
import type { Schedule, ScheduleInfo } from "../../result/schedule.ts"
import { connecting, owned, type Where, withApp } from "../connecting.ts"
import { Refusal } from "../exits.ts"
import { jsonWords, moment, show, table } from "../output.ts"

export const addSchedules = (program: Command): void => {
  const schedules = program.command("schedules").description("lists schedules, and changes them")
  owned(connecting(schedules.command("list", { isDefault: true })))
    .description("lists them with their next and last times")
    .action((options: Where) =>
      withApp(options, async (app) => {
        const all: Array<ScheduleInfo> = []
        for await (const info of app.schedules.list()) all.push(info)
        await show(all, (some) => (some.length === 0 ? "no schedules" : rows(some)), options)
      })
    )
  named(schedules, "pause", "starts nothing more of one until it is resumed")
    .option("--reason <words>", "why, for people")
    .action((name: string, options: Where & { readonly reason?: string }) =>
      changed(name, options, (schedule) => schedule.pause(options.reason))
    )
  named(schedules, "resume", "goes on with the first time that is to come").action(
    (name: string, options: Where) => changed(name, options, (schedule) => schedule.resume())
  )
  named(schedules, "trigger", "starts its workflow now and prints the id of the run").action(
    (name: string, options: Where) =>
      withApp(options, async (app) => {
        const run = await (await scheduleOf(app, name)).trigger()
        await show({ schedule: name, run: run.id }, (one) => one.run, options)
      })
  )
  named(schedules, "delete", "removes it; runs that it has started go on").action(
    (name: string, options: Where) =>
      withApp(options, async (app) => {
        await (await scheduleOf(app, name)).delete()
        await show({ schedule: name, deleted: true }, (one) => `${one.schedule}  deleted`, options)
      })
  )
}

const named = (schedules: Command, verb: string, description: string): Command =>
  owned(
    connecting(
      schedules
        .command(verb)
        .argument("<name>", "the name of the schedule")
        .description(description)
    )
  )

const scheduleOf = async (app: App, name: string): Promise<Schedule> => {
  const found = await app.schedules.get(name)
  if (found !== undefined) return found
  throw new Refusal(
    "notFound",
    `there is no schedule ${JSON.stringify(name)} of this owner: arpeggio schedules list shows those that are there, --owner says whose`
  )
}

const changed = (
  name: string,
  options: Where,
  change: (schedule: Schedule) => Promise<void>
): Promise<void> =>
  withApp(options, async (app) => {
    const schedule = await scheduleOf(app, name)
    await change(schedule)
    await show(await schedule.info(), (info) => rows([info]), options)
  })

const rows = (all: ReadonlyArray<ScheduleInfo>): string =>
  table(
    ["SCHEDULE", "WHEN", "NEXT", "LAST", "RUN", "MISSED", "STATE"],
    all.map(({ name, spec, next, last, missed, paused, overdue }) => [
      name,
      whenWords(spec),
      moment(next),
      moment(last?.at),
      last?.run ?? "-",
      String(missed),
      paused !== undefined
        ? `paused${paused.reason === undefined ? "" : `: ${paused.reason}`}`
        : overdue === undefined
          ? "on"
          : `overdue since ${moment(overdue)}`
    ])
  )

const whenWords = (spec: ScheduleInfo["spec"]): string =>
  "cron" in spec
    ? `${jsonWords(spec.cron)} ${spec.timeZone ?? ""}`.trim()
    : `every ${jsonWords(spec.every)}`
