/** A logger that fails in every way there is: nothing of the work is touched by it. */
import * as Schema from "effect/Schema"
import { expect, test, vi } from "vitest"
import { chain, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import { guarded, whyNotPrinted } from "../../src/define/print.ts"

const one = task("print.one", { input: [], output: Schema.Finite }, () => 1)
const twice = task("print.twice", { input: [Schema.Finite], output: Schema.Finite }, (n) => 2 * n)
const fails = task(
  "print.fails",
  { input: [], output: Schema.Finite, retry: { times: 1, initial: "1 millis" } },
  () => {
    throw new Error("on purpose")
  }
)

const never = (line: string): void => {
  throw new Error(`no room for ${line.length} characters`)
}

const ways: ReadonlyArray<readonly [string, (line: string) => unknown]> = [
  ["throws", never],
  ["rejects", (line) => Promise.reject(new Error(`no room for ${line.length} characters`))],
  [
    "throws what cannot be looked at",
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      throw proxy
    }
  ],
  [
    "gives a promise that is none",
    () => ({
      get then(): never {
        throw new Error("no")
      }
    })
  ]
]

test.each(ways)("a print that %s holds no call, no slot and no drain", async (_, print) => {
  const unhandled = vi.fn<() => void>()
  process.on("unhandledRejection", unhandled)
  const server = memoryServer()
  const options = { log: "steps", concurrency: 1, print: print as (line: string) => void } as const
  const worker = await workerOver(server.connect(), [one, twice, fails], options)
  const app = await clientOver(server.connect())
  expect(await app.run(chain(one(), twice()))).toBe(2)
  expect((await (await app.start(fails())).outcome())._tag).toBe("Crashed")
  expect(await app.run(one())).toBe(1)
  await vi.waitFor(async () => {
    const { leases, busy, ok, notes } = await worker.health()
    expect({ leases, busy, ok }).toEqual({ leases: 0, busy: 0, ok: true })
    expect(notes.join()).toContain("given as `print` fails")
  })
  await worker.drain()
  await app.close()
  process.off("unhandledRejection", unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

test("a print that was mended is no note any more", async () => {
  let broken = true
  const lines: Array<string> = []
  const print = (line: string): void => {
    if (broken) throw new Error("full")
    lines.push(line)
  }
  const server = memoryServer()
  await using worker = await workerOver(server.connect(), [one], { log: "steps", print })
  await using app = await clientOver(server.connect())
  expect((await worker.health()).notes.join()).toContain("(Error: full)")
  broken = false
  await app.run(one())
  expect(lines.join("\n")).toContain("print.one")
  expect((await worker.health()).notes).toEqual([])
})

test("a client whose print throws waits on", async () => {
  const server = memoryServer()
  await using app = await clientOver(server.connect(), { print: never })
  const run = await app.start(one())
  const outcome = run.outcome()
  await vi.waitFor(() => expect(whyNotPrinted(guarded(never)).join()).toContain("no room"), 5_000)
  await using _worker = await workerOver(server.connect(), [one])
  expect((await outcome)._tag).toBe("Succeeded")
})

test("a print that makes us print again is not called in itself", () => {
  let depth = 0
  let most = 0
  const print = guarded((line) => {
    depth += 1
    most = Math.max(most, depth)
    if (depth < 100) print(`${line} again`)
    depth -= 1
  })
  print("line")
  expect(most).toBe(1)
})

test("the same function has one guard, and a guard none", () => {
  const print = (): void => {}
  expect(guarded(print)).toBe(guarded(print))
  expect(guarded(guarded(print))).toBe(guarded(print))
})
