/** Where lines go is broken: a note of whoever should print there, a worker or a client. */
import { expect, test } from "vitest"
import { one, scene, second } from "../worker/unserved-scene.ts"
import { goes, isNoted } from "./appears.ts"
import { clientOver, workerOver } from "arpeggio/testing"

test("the function given as `print` fails", async () => {
  const { server, pass } = await scene()
  let broken = true
  const print = (): void => {
    if (broken) throw new Error("disk full")
  }
  const note =
    "the function given as `print` fails (Error: disk full): lines go to standard error until it takes one again"
  await using app = await clientOver(server.connect(), { print })
  await goes(app, "print")
  const waiting = app.run(one())
  // It has something to say: no worker is there.
  await pass(20 * second)
  await isNoted(app, note)
  await using worker = await workerOver(server.connect(), [one], { print, log: "steps" })
  await isNoted(worker, note)
  broken = false
  await pass(second)
  expect(await waiting).toBe(1)
  await goes(worker, "print")
  await goes(app, "print")
})
