/** A program that drops workflows. Behind each stands what the rule says there, `typed` where it has to know types. */
export const program = `
import * as Schema from "effect/Schema"
import { always, chain, connect, group, map, open, settle, task } from "arpeggio"
import * as tasks from "./workflows/math.ts"
import { add, mul as times } from "./workflows/math.ts"

const app = await connect()
const wait = task("wait", { input: [Schema.Finite], output: Schema.Void }, async (n) => {
  add(n, 1) // unused
  await add(n, 1) // awaited
  await app.run(add(n, 1))
})
const nested = task("nested", { input: [Schema.Finite], output: Schema.Finite }, async (n) => {
  if (n > 1) return add(n, 1)
  return await times(n, 1) // awaited
})
const whole = chain(add(1, 2), times(3))
void whole // unused
await whole // awaited
await app.run(whole)
void app.start(whole)
group(add(1, 2), times(3, 4)) // unused
chain(add(1, 2), times(3)).with({ key: "x" }) // unused
tasks.add(1, 2) // unused
wait(1) // unused
always(add(1, 2), wait(1)) // unused
add.partial(1, open) // unused
const items = [1, 2]
items.forEach((item) => add(item, 1)) // given
items.forEach(function (item) {
  add(item, 1) // unused
})
items.forEach(function (item) {
  if (item > 1) return add(item, 1) // given
  return
})
items.forEach((item) => {
  return times(item, 1) // given
})
setTimeout(() => add(1, 2), 5) // given
const drop = (each: (item: number) => void) => items.forEach(each)
drop((item) => add(item, 1)) // given typed
await Promise.all(items.map((item) => add(item, 1))) // together
await Promise.all([add(1, 2), whole]) // together
void Promise.allSettled(items.map((item) => { return times(item, 1) })) // together
await Promise.all(items.map((item) => app.run(add(item, 1))))
items.forEach((item) => void app.start(add(item, 1)))
const many = items.map((item) => add(item, 1))
if (items.length > 1) items.length > 2 ? whole : settle(wait(3)) // unused unused
items.length && add(1, 2) // unused
const build = async () => add(1, 2)
await build() // unused typed
let later = add(1, 2)
later = add(3, 4)
later // unused typed
for (const one of many) await app.run(one)
await Promise.all(many.map((one) => app.run(one)))
await Promise.race(many) // together
function rest() {
  return add(1, 2)
}
items.push(2)
add
const own = { add: (left: number, right: number) => left + right }
own.add(1, 2)
{
  const add = (left: number, right: number) => left + right
  add(1, 2)
  await add(1, 2)
}
console.log(rest, nested, map(add(1)))
`.slice(1)

/** What is to be said: \`line word\` for each. */
export const toldOf = (typed: boolean): ReadonlyArray<string> =>
  program.split("\n").flatMap((text, at) => {
    const [, words] = /\/\/ ([a-z ]+)$/.exec(text) ?? []
    if (words === undefined || (words.endsWith(" typed") && !typed)) return []
    return words.split(" ").flatMap((word) => (word === "typed" ? [] : [`${at + 1} ${word}`]))
  })

const begins: { readonly [words: string]: string } = {
  "This builds": "unused",
  "A workflow is": "awaited",
  "Whoever calls": "given",
  "Promises are": "together"
}

/** The same of what a linter has said, by line and sentence. */
export const toldBy = (
  found: ReadonlyArray<{ readonly line: number; readonly message: string }>
): ReadonlyArray<string> =>
  found
    .toSorted((one, other) => one.line - other.line)
    .map(({ line, message }) => {
      const word = Object.keys(begins).find((words) => message.startsWith(words))
      return `${line} ${word === undefined ? message : begins[word]!}`
    })
