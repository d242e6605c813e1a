/** What the bench is asked to measure. */
import { tmpdir } from "node:os"
import { parseArgs } from "node:util"
import type { Profile } from "./services/service.ts"

/** In the order in which they take turns. */
export const known: ReadonlyArray<string> = [
  "raw",
  "arpeggio",
  "bullmq",
  "pg-boss",
  "graphile-worker",
  "celery",
  "celery-redis",
  "dbos",
  "restate"
]

export interface Options {
  readonly only: ReadonlyArray<string>
  readonly workloads: ReadonlyArray<string> | undefined
  readonly rounds: number
  readonly quick: boolean
  readonly profile: Profile
  readonly json: string | undefined
  /** Where the services keep what they store. */
  readonly directory: string
}

const usage = `npm run bench -- [--only raw,arpeggio] [--workloads W1,W3] [--rounds 3] [--quick]
                 [--profile dev|single|ha] [--json file] [--directory folder]`

const listed = (text: string | undefined): ReadonlyArray<string> | undefined =>
  text?.split(",").map((each) => each.trim())

export const optionsOf = (args: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      workloads: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      profile: { type: "string", default: "dev" },
      json: { type: "string" },
      directory: { type: "string" }
    }
  })
  const only = listed(values.only) ?? known
  const strange = only.filter((name) => !known.includes(name))
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  if (strange.length > 0) throw new Error(`no system is named ${strange.join(", ")}\n${usage}`)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is a number\n${usage}`)
  if (!["dev", "single", "ha"].includes(values.profile)) throw new Error(usage)
  return {
    only: known.filter((name) => only.includes(name)),
    workloads: listed(values.workloads),
    rounds,
    quick: values.quick,
    profile: values.profile as Profile,
    json: values.json,
    directory: values.directory ?? tmpdir()
  }
}
