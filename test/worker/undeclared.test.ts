/** An error that looks like a declared one and is none is told as what it is; nobody is told to declare what is declared. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { task, TaskCrashed } from "arpeggio"
import { both } from "./both.ts"

class UserNotFound extends Schema.TaggedError<UserNotFound>()("NotFound", {
  user: Schema.String
}) {}
class OrderNotFound extends Schema.TaggedError<OrderNotFound>()("NotFound", {
  order: Schema.Finite
}) {}
class Late extends Schema.TaggedError<Late>()("Late", { at: Schema.Finite, by: Schema.String }) {}
const Struck = Schema.TaggedStruct("Struck", { count: Schema.Finite })
const other = (() => {
  class UserNotFound extends Schema.TaggedError<UserNotFound>()("NotFound", {
    id: Schema.Finite
  }) {}
  return UserNotFound
})()
const spoilt = (error: object, fields: object): unknown =>
  Object.defineProperties(
    error,
    Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }]))
  )

const Declined = z.object({ _tag: z.literal("Declined"), code: z.string() })

const contract = {
  input: [],
  output: Schema.Void,
  errors: [UserNotFound, Late, Struck, Declined]
} as const

const declareIt = "declare it in the contract's errors"

const kinds: { readonly [what: string]: readonly [thrown: unknown, says: string] } = {
  "a class that has the same tag": [
    new OrderNotFound({ order: 7 }),
    "declares NotFound as UserNotFound, but this is an instance of OrderNotFound, another class with the same _tag, and does not fit it (user is missing): throw UserNotFound"
  ],
  "a class of the same name and tag": [
    new other({ id: 1 }),
    "this is an instance of another class that is called UserNotFound too, and does not fit it (user is missing)"
  ],
  "a plain object with the tag": [
    { _tag: "NotFound", user: "u" },
    "this is a plain object with that _tag and no instance of UserNotFound: throw new UserNotFound({ … })"
  ],
  "a field that does not fit": [
    spoilt(new Late({ at: 1, by: "b" }), { at: "soon" }),
    'declares Late, and this is one, but at should be number, and is "soon". Throw it with fields that fit'
  ],
  "a field that is missing": [
    spoilt(new Late({ at: 1, by: "b" }), { by: undefined }),
    "declares Late, and this is one, but by should be string, and is undefined"
  ],
  "a struct whose field does not fit": [
    { _tag: "Struck", count: "many" },
    'declares Struck, and this is one, but count should be number, and is "many"'
  ]
}

test("by the schema of another library", async () => {
  const failure = { run: "r", step: "1", task: "shop.charge", attempt: 1 }
  const thrown = [
    { _tag: "Declined" },
    { _tag: "Declined", code: 7 },
    { _tag: "Refused" },
    { _tag: "Crashed", message: "psp down", failure }
  ]
  const tasks = thrown.map((value, at) =>
    task(`un.z${at}`, contract, () => {
      throw value
    })
  )
  const { app } = await both[0]!.open(tasks)
  for (const [at, says] of [
    "declares Declined, and this is one, but code should be string, and is missing. Throw it with",
    "declares Declined, and this is one, but code should be string, and is 7. Throw it with",
    "throw an error that the contract declares (NotFound, Late, Struck, Declined), or declare Refused in the contract's errors",
    "un.z3 threw the outcome of shop.charge: mend what went wrong there."
  ].entries()) {
    const error: unknown = await app.run(tasks[at]!()).catch((cause: unknown) => cause)
    expect((error as Error).message).toContain(says)
  }
})

describe.each(both)("on $broker", ({ open }) => {
  test("thrown, rejected, or failed with", async () => {
    const all = Object.entries(kinds).flatMap(([what, [thrown, says]]) => [
      {
        what,
        says,
        handler: (): void => {
          throw thrown
        }
      },
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is what is tried
      { what, says, handler: () => Promise.reject(thrown) },
      { what, says, handler: () => Effect.fail(thrown) }
    ])
    const tasks = all.map(({ handler }, at) => task(`un.t${at}`, contract, handler as () => never))
    const { app, lines } = await open(tasks)
    for (const [at, { what, says }] of all.entries()) {
      const error = await app.run(tasks[at]!()).catch((cause: unknown) => cause)
      expect(error, what).toBeInstanceOf(TaskCrashed)
      const { message, thrown } = error as TaskCrashed
      expect(message, what).toContain(says)
      expect(message, what).not.toContain(declareIt)
      expect(["NotFound", "Late", "Struck"], what).toContain(thrown.name)
      expect(Object.keys(thrown), what).not.toContain("hint")
      await expect
        .poll(() => lines.filter((line) => line.includes(`un.t${at}#`)).join(""), { message: what })
        .toContain(says)
    }
  }, 30_000)
})

test("what can be declared is told to be, and what cannot is told otherwise", async () => {
  const tagged = task("un.tagged", { input: [], output: Schema.Void }, () => {
    throw new Late({ at: 1, by: "b" })
  })
  const words = task("un.words", { input: [], output: Schema.Void }, () => {
    throw "words"
  })
  const output = task("un.output", { input: [], output: Schema.Finite }, () => "one" as never)
  const nested = task("un.nested", { input: [], output: Schema.Finite }, () =>
    (output as unknown as (given: string) => never)("too many")
  )
  const { app } = await both[0]!.open([tagged, words, output, nested])
  const told = async (call: never): Promise<string> =>
    app.run(call).catch((error: Error) => error.message) as Promise<string>
  expect(await told(tagged() as never)).toContain(declareIt)
  expect(await told(words() as never)).toContain(
    "If this is expected, throw an error that the contract declares instead"
  )
  for (const call of [output(), nested()]) {
    expect(await told(call as never)).not.toContain(declareIt)
  }
})

test("an instance of a declared class is that, and arrives as one", async () => {
  const declared = task("un.declared", contract, () => {
    throw new UserNotFound({ user: "u" })
  })
  const { app } = await both[0]!.open([declared])
  expect(await app.run(declared()).catch((error: unknown) => error)).toBeInstanceOf(UserNotFound)
})
