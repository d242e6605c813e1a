/** A worker as its own process: its banner, its lines, and how it stops. */
import { expect, test } from "vitest"
import { version } from "../../src/version.ts"
import { proxyTo } from "../nats/proxy.ts"
import { pressTwice } from "./process.ts"
import { slow } from "./program.ts"
import { placeOf } from "./server-and-client.ts"

const here = placeOf("serve", "./program.ts")

test("the banner would do as a bug report, and every step has two lines", async () => {
  const program = here.start()
  expect(await here.app.run(slow(1))).toBe(`pid ${program.child.pid}`)
  await program.line(/succeeded in \d+ ms/)
  const banner = program.lines.join("\n")
  expect(banner).toContain(`arpeggio ${version}  worker `)
  expect(banner).toContain(`node ${process.versions.node}`)
  expect(banner).toMatch(/server\s+nats-server 2\.\d+\.\d+ at .*, namespace serve-1/)
  expect(banner).toMatch(/durability\s+1 copy; how the server writes to disk is unknown/)
  expect(banner).toMatch(/queues\s+default/)
  expect(banner).toMatch(/concurrency\s+20/)
  expect(banner).toMatch(/tasks\s+serve\.slow/)
  expect(banner).toMatch(/\w+ serve\.slow#0 {2}started/)
})

test("the first SIGTERM lets what runs finish, and the process exits by itself with 0", async () => {
  const program = here.start()
  const answer = here.app.run(slow(400))
  await program.line(/^began/)
  program.child.kill("SIGTERM")
  expect(await answer).toBe(`pid ${program.child.pid}`)
  expect(await program.exit).toBe(0)
  expect(program.lines).toContain("drained")
  expect(await program.line(/SIGTERM/)).toMatch(
    /^arpeggio: SIGTERM, finishing what runs, within \d+ (ms|seconds): serve\.slow \(for \d+ ms\); what has not ended by then begins again elsewhere; once more to stop at once$/
  )
})

test("what does not finish within the grace runs elsewhere, at once and without a failure", async () => {
  const first = here.start({ GRACE: "50", HOLD: "600000" })
  const answer = here.app.run(slow(1))
  await first.line(/^began/)
  const second = here.start()
  await second.line(/tasks/)
  first.child.kill("SIGINT")
  expect(await first.exit).toBe(0)
  expect(await answer).toBe(`pid ${second.child.pid}`)
})

test("the second signal stops at once, and what runs is given back and no attempt lost", async () => {
  const program = here.start({ HOLD: "600000" })
  const run = await here.app.start(slow(1))
  await program.line(/^began/)
  await pressTwice(program)
  const since = Date.now()
  expect(await program.exit).toBe(143)
  expect(Date.now() - since).toBeLessThan(10_000)
  expect(program.lines).not.toContain("drained")
  const other = here.start()
  const outcome = await run.outcome({ within: "10 seconds" })
  expect(outcome).toEqual({ _tag: "Succeeded", value: `pid ${other.child.pid}` })
  // It begins there as if for the first time: no lease has to run out, and no worker counts as lost.
  expect(other.lines.filter((line) => /serve\.slow#0 .*started/.test(line))).toEqual([
    expect.not.stringContaining("delivery")
  ])
  expect(await here.app.deadLetters.list()).toMatchObject({ letters: [] })
})

test.each([
  ["SIGINT", "SIGINT", 130],
  ["SIGTERM", "SIGINT", 130],
  ["SIGINT", "SIGTERM", 143],
  ["SIGHUP", "SIGHUP", 129]
] as const)("%s and then %s exits with %d", async (first, second, code) => {
  const program = here.start({ HOLD: "600000" })
  void here.app.start(slow(60_000))
  await program.line(/^began/)
  await pressTwice(program, first, second)
  expect(await program.exit).toBe(code)
})

test("without a broker to give back to, the second signal ends the process all the same", async () => {
  const proxy = await proxyTo(Number(new URL(here.server.url).port))
  const program = here.start({ HOLD: "600000", NATS_URL: proxy.url })
  void here.app.start(slow(60_000))
  await program.line(/^began/)
  proxy.away()
  await pressTwice(program)
  expect(await program.exit).toBe(143)
})
