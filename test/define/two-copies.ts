/** Two copies of this package in one program: the tasks are of one, the worker and the client of the other. */
import type * as Arpeggio from "../../src/index.ts"
import type * as Testing from "../../src/testing/index.ts"
import type * as Schemas from "effect/Schema"

const [, , here, there] = process.argv as unknown as [string, string, string, string]
const tell = (what: string, value: unknown): void =>
  void process.stdout.write(`${what} ${JSON.stringify(value)}\n`)

const other = (await import(`${there}/src/index.ts`)) as typeof Arpeggio
const {
  Finite,
  String: Text,
  TaggedError
} = (await import(`${there}/node_modules/effect/dist/Schema.js`)) as typeof Schemas
const { chain, step } = (await import(`${here}/src/index.ts`)) as typeof Arpeggio
const { testApp } = (await import(`${here}/src/testing/index.ts`)) as typeof Testing

tell("apart", other.task !== ((await import(`${here}/src/index.ts`)) as typeof Arpeggio).task)

class No extends TaggedError<No>()("No", { why: Text }) {}

const one = other.task("two.one", { input: [], output: Finite }, () => 1)
const twice = other.task("two.twice", { input: [Finite], output: Finite }, (n) => 2 * n)
const whose = other.task("two.whose", { input: [], output: Text }, async () => {
  await Promise.resolve()
  // By either copy's function.
  return `${other.step().task} ${step().task}`
})
const grows = other.task("two.grows", { input: [], output: Finite }, () =>
  other.chain(one(), twice())
)
const wrong = other.task("two.wrong", { input: [], output: Finite }, () => "text" as never)
const fails = other.task("two.fails", { input: [], output: Finite, errors: [No] }, () => {
  throw new No({ why: "on purpose" })
})

await using app = await testApp([one, twice, whose, grows, wrong, fails])
tell("whose", await app.run(whose()))
tell("chain", await app.run(chain(one(), twice())))
tell("other's chain", await app.run(other.chain(one(), twice())))
tell("grows", await app.run(grows()))
tell("wrong", await (await app.start(wrong())).outcome())
tell("fails", await (await app.start(fails())).outcome())
tell(
  "argument",
  await Promise.resolve()
    .then(() => twice("text" as never))
    .catch((error: unknown) => (error as { readonly _tag: string })._tag)
)
