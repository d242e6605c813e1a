/** Options that are durations refuse what is none, above all a number that could not be computed. */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { task } from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"
import { wholeMilliseconds } from "../../src/define/duration.ts"

const contract = { input: [], output: Schema.Finite } as const
const note = task("duration.note", contract, () => 1)
const hours = Number(undefined)

const wrong: { readonly [what: string]: unknown } = {
  NaN: hours,
  "NaN in an object": { minutes: 1, seconds: hours },
  "NaN in a pair": [hours, 0],
  "NaN in words": `${hours} seconds`,
  "an object that names no unit": { secs: 5 },
  "an object with nothing in it": {},
  "an object whose unit is unset": { seconds: undefined },
  "a Date": new Date(),
  "an empty text": "",
  "a number without its unit": 20,
  "a bigint without its unit": 20n,
  "less than nothing": -1,
  "less than nothing, in words": "-5 seconds",
  "hardly less than nothing": -0.5,
  "nanoseconds less than nothing": -10n
}

const options: { readonly [name: string]: (given: never) => unknown } = {
  timeout: (timeout) => task("duration.task", { ...contract, timeout }),
  "with({ timeout })": (timeout) => note().with({ timeout }),
  "retry.initial": (initial) =>
    task("duration.task", { ...contract, retry: { times: 1, initial } }),
  "retry.max": (max) => note().with({ retry: { times: 1, max } }),
  deadline: (deadline) => note().with({ deadline }),
  retention: (retention) => clientOver(memoryServer().connect(), { retention }),
  patience: (patience) => workerOver(memoryServer().connect(), [note], { patience }),
  grace: (grace) => workerOver(memoryServer().connect(), [note], { grace }),
  "a worker's timeout": (timeout) => workerOver(memoryServer().connect(), [note], { timeout }),
  within: async (within) => {
    await using app = await testApp([note])
    return await app.run(note(), undefined, { within })
  }
}

const refusal = async (give: () => unknown): Promise<unknown> => {
  try {
    return await give()
  } catch (error) {
    return error
  }
}

for (const [name, give] of Object.entries(options)) {
  describe(name, () => {
    for (const [what, given] of Object.entries(wrong)) {
      // A deadline may be a moment.
      if (name === "deadline" && given instanceof Date) continue
      test(`is not ${what}`, async () => {
        const error = await refusal(() => give(given as never))
        expect(error).toBeInstanceOf(Error)
        expect((error as Error).message).toContain(name.replace(/^.*\b(\w+)(?: \}\))?$/, "$1"))
        const unset = what.startsWith("NaN") && typeof given !== "string"
        expect((error as Error).message.includes("variable of the environment")).toBe(unset)
      })
    }
  })
}

test("what is one is taken as it always was", () => {
  expect(wholeMilliseconds({ minutes: 1, seconds: 2 })).toBe(62_000)
  expect(wholeMilliseconds([1, 500_000_000])).toBe(1_500)
  expect(wholeMilliseconds(Duration.seconds(3))).toBe(3_000)
  expect(wholeMilliseconds("Infinity")).toBe(Infinity)
  expect(wholeMilliseconds(0)).toBe(0)
  expect(wholeMilliseconds(Infinity as never)).toBe(Infinity)
})

test("an option that is given as undefined is its default", async () => {
  await using app = await testApp([note], { retention: undefined, timeout: undefined } as never)
  expect(await app.run(note(), undefined, { within: undefined } as never)).toBe(1)
})

test("`retryAfter` refuses it where it is said, and the attempt says so", async () => {
  const { step } = await import("arpeggio")
  const hasty = task("duration.hasty", contract, () => {
    step().retryAfter(hours as never)
    return 1
  })
  await using app = await testApp([hasty])
  const error = await app.run(hasty()).catch((error: unknown) => error)
  expect(error).toMatchObject({ _tag: "TaskCrashed", thrown: { name: "ContractError" } })
  expect((error as Error).message).toContain("retryAfter is a duration")
})

test("a unit is asked for where that makes it a duration", () => {
  const timeout = (timeout: unknown) => () =>
    task("duration.task", { ...contract, timeout } as never)
  expect(timeout(20)).toThrow('not 20: say the unit, "20 seconds" or "20 millis"')
  expect(timeout(-1)).toThrow(/not -1$/)
})
