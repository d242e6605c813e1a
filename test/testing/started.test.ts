/** What was started in a test: waited for, or listed. */
import { AssertionError } from "node:assert"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, InvalidInput, onSuccess, step, task } from "arpeggio"
import { testApp } from "arpeggio/testing"

const half = task("started.half", { input: [Schema.Finite], output: Schema.Finite }, (x) => x / 2)
const note = task(
  "started.note",
  { input: [Schema.Date, Schema.String], output: Schema.Void },
  () => {}
)
const flaky = task(
  "started.flaky",
  { input: [], output: Schema.Finite, retry: { times: 1, initial: "1 millis" } },
  () => {
    if (step().attempt === 1) throw new Error("once")
    return 1
  }
)
const moment = new Date(0)

test("a start is waited for, by its arguments or by any", async () => {
  await using app = await testApp([half, note])
  const expected = app.expectStarted(half, { input: [4] })
  const run = await app.start(chain(half(16), half(), half()))
  expect(await expected).toEqual({ input: [4], run: run.id, step: expect.any(String), attempt: 1 })
  expect((await app.expectStarted(half)).input).toEqual([16])
  await run.result()
  expect(app.started(half).map(({ input }) => input[0])).toEqual([16, 8, 4])
  expect(app.started(note)).toEqual([])
})

test("a callback is a run of its own, and arguments are compared by what they are", async () => {
  await using app = await testApp([half, note])
  await app.run(onSuccess(half(2), note(moment, "x")))
  const { input, run } = await app.expectStarted(note, { input: [new Date(0), "x"] })
  expect(input).toEqual([moment, "x"])
  expect(run).toContain("app-")
})

test("every attempt is a start", async () => {
  await using app = await testApp([flaky])
  await app.run(flaky())
  expect(app.started(flaky).map(({ attempt }) => attempt)).toEqual([1, 2])
})

test("what was not started is said, with what was", async () => {
  await using app = await testApp([half, note])
  await expect(app.expectStarted(half, { within: "10 millis" })).rejects.toThrow(
    "started.half was not started within 10 ms. Nothing was started."
  )
  await app.run(chain(half(16), half()))
  const error = await app
    .expectStarted(half, { input: [5], within: "10 millis" })
    .catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(AssertionError)
  expect(error).toMatchObject({
    message:
      "started.half was not started with (5) within 10 ms. Started were: started.half(16), started.half(8).",
    actual: [[16], [8]],
    expected: [[5]]
  })
  const misspelt = { witin: "1 second" } as never
  await expect(app.expectStarted(half, misspelt)).rejects.toThrow(
    "expectStarted: there is no option witin. The nearest is within"
  )
})

test("what can never be started is said at once, with task and field", async () => {
  const order = task(
    "started.order",
    {
      input: [Schema.Struct({ lines: Schema.mutable(Schema.Array(Schema.Finite)) })],
      output: Schema.Void
    },
    ({ lines }) => {
      lines.push("sold out" as never)
    }
  )
  await using app = await testApp([order])
  for (const [input, words] of [
    [
      [{ lines: [1, "2"] }],
      'expectStarted: input[0].lines[1] of started.order should be number, but is "2", and with that it is never started: correct what is expected.'
    ],
    [[], "expectStarted: input of started.order should be 1 argument, but is 0"]
  ] as const) {
    const error = await app.expectStarted(order, { input: input as never }).catch((cause) => cause)
    expect(error).toBeInstanceOf(InvalidInput)
    expect(error.message).toContain(words)
    expect(error.task).toBe("started.order")
  }
  // A handler that changes its input is not disturbed by who waits for another.
  const other = app.expectStarted(order, { input: [{ lines: [7] }] })
  await app.run(order({ lines: [6] }))
  await app.run(order({ lines: [7] }))
  await other
})
