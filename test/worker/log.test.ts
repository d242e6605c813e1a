/** What a worker prints about steps that went wrong. */
import { expect, test } from "vitest"
import type { Call } from "../../src/engine/index.ts"
import { workerLog } from "../../src/worker/log.ts"

const call = {
  run: { address: { owner: "app", instance: "1", run: "2" } },
  message: { task: "math.add", step: "0" }
} as Call

const lineFor = (how: "Crashed" | "Failed" | "TimedOut", value: object): string => {
  const lines: Array<string> = []
  const log = workerLog((line) => lines.push(line), "quiet")
  log.ended(call, how, 7, { text: JSON.stringify(value) })
  return lines.join("\n")
}

test("a crash is told with the frames of the handler, and without those of Arpeggio", () => {
  const stack = [
    "TypeError: no",
    "    at Object.handler (file:///app/tasks.ts:3:4)",
    "    at run (/app/node_modules/arpeggio/dist/worker/executor.js:78:44)",
    "    at AsyncLocalStorage.run (node:async_hooks:346:14)"
  ].join("\n")
  expect(lineFor("Crashed", { name: "TypeError", message: "no", stack })).toBe(
    "app-1-2 math.add#0  crashed after 7 ms: TypeError: no\n    at Object.handler (file:///app/tasks.ts:3:4)"
  )
})

test("what is thrown without a stack is told in one line", () => {
  expect(lineFor("Crashed", { name: "Thrown", message: "text" })).toBe(
    "app-1-2 math.add#0  crashed after 7 ms: Thrown: text"
  )
})

test("a declared error is told with its fields, a timeout needs none", () => {
  expect(lineFor("Failed", { _tag: "NotFound", id: "u" })).toBe(
    'app-1-2 math.add#0  failed after 7 ms: {"_tag":"NotFound","id":"u"}'
  )
  expect(lineFor("TimedOut", { after: 7 })).toBe("app-1-2 math.add#0  timed out after 7 ms")
})
