/** A crash says where its step stands in the workflow, in the words that docs/operate/troubleshooting.md explains. */
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { chain, chord, group, ifFailed, ignoreInput, map, recover, task } from "arpeggio"
import { testApp } from "arpeggio/testing"

const { Finite } = Schema
const fine = task("w.fine", { input: [Finite], output: Finite }, (n) => n)
const boom = task("w.boom", { input: [Finite], output: Finite }, (n) => {
  throw new Error(`no ${n}`)
})
const sum = task("w.sum", { input: [Schema.Array(Finite)], output: Finite }, () => {
  throw new Error("no sum")
})
const list = task("w.list", { input: [], output: Schema.Array(Finite) }, () => [1, 2])
const more = task("w.more", { input: [], output: Finite }, () => chain(fine(1), boom()))

const told = [
  ["attempt 1", boom(1), ""],
  ["step 3, step 1, attempt 1", chain(fine(1), fine(), chain(boom(), fine())), "step 3, step 1"],
  ["member 2, attempt 1", group(fine(1), boom(2)), "member 2"],
  ['member "payment", attempt 1', group({ payment: boom(1) }), 'member "payment"'],
  ["step 2, attempt 1", chord([fine(1)], sum()), "of a chord, 1 is its members and 2 its body"],
  [
    "inside an expansion, item 1, attempt 1",
    chain(list(), map(boom(), { concurrency: 1 })),
    "item"
  ],
  ["inside an expansion, step 2, attempt 1", more(), "inside an expansion"],
  ["attempt 1", ifFailed(boom(1), ignoreInput(fine(2))), ""],
  ["cleanup, attempt 1", ifFailed(boom(1), ignoreInput(boom(2))), "cleanup"],
  [
    "fallback for Crashed, attempt 1",
    recover(boom(1), { Crashed: ignoreInput(boom(3)) }),
    "fallback for"
  ]
] as const

test("where a step stands", async () => {
  await using app = await testApp([fine, boom, sum, list, more])
  const page = readFileSync("docs/operate/troubleshooting.md", "utf8")
  for (const [place, workflow, explained] of told) {
    const error: unknown = await app.run(workflow).catch((cause: unknown) => cause)
    expect((error as Error).message).toContain(` (${place}) in run `)
    expect(page).toContain(explained)
  }
})
