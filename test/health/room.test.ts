/** No room: a full disk blocks the stream until the broker restarts, publishers see only timeouts, and stored tasks survive; a limit is said at once. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { brokerForTest, record, serverForTest } from "../nats/fixture.ts"
import { clientAt, double, workerAt } from "../facts/place.ts"
import { appears, goes } from "./appears.ts"

/** A small disk, or the reason why there can be none here. */
const smallDisk = (): { readonly folder: string } | { readonly why: string } => {
  const folder = mkdtempSync(join(tmpdir(), "arpeggio-disk-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], { stdio: "pipe" })
    return { folder }
  } catch (error) {
    rmSync(folder, { recursive: true })
    return { why: String(error).split("\n")[0]! }
  }
}

/** As a server behaves whose limits are larger than its disk. */
const unbounded = (folder: string): string =>
  `jetstream { store_dir: "${folder}/store", max_file_store: 1GB }`

test("requests to store something have gone unanswered", async (context) => {
  const disk = smallDisk()
  if ("why" in disk) return context.skip(`needs to mount a small tmpfs: ${disk.why}`)
  const { folder } = disk
  const server = await serverForTest({ jetstream: false, configuration: unbounded(folder) })
  // Runs after the server was stopped.
  onTestFinished(async () => {
    await server.stop()
    execFileSync("umount", [folder])
    rmSync(folder, { recursive: true })
  })
  const timing = { attempt: 500, overall: 2_000 }
  const app = await clientAt(server, timing)
  const accepted = []
  for (let count = 0; count < 20; count += 1) accepted.push(await app.start(double(count)))
  const filler = await brokerForTest(server, timing, { namespace: "facts" })
  const body = new Uint8Array(200_000)
  const fill = async (): Promise<void> => {
    for (let at = 0; ; at += 1) {
      await filler.publish({ subject: record(`run${at}`).replace("shop", "facts"), body })
    }
  }
  await expect(fill()).rejects.toMatchObject({ reason: "Unknown" })
  await expect(app.start(double(99))).rejects.toMatchObject({ reason: "Unknown" })
  expect((await app.health()).connection.connected).toBe(true)
  const sentence = await appears(app, /unanswered for .* s\. Likely its disk is full/)
  expect(sentence).toContain("make room, and restart the server")
  execFileSync("mount", ["-o", "remount,size=64m", folder])
  await server.restart()
  await workerAt(server)
  expect(await Promise.all(accepted.map((run) => run.result()))).toEqual(
    accepted.map((_, at) => at * 2)
  )
  expect(await app.run(double(100))).toBe(200)
  await goes(app, "unanswered")
  expect(await app.health()).toMatchObject({ ok: true })
}, 60_000)

// A server that knows its limit says so at once; health repeats it until something is stored again.
test("the broker has no room", async () => {
  const server = await serverForTest({
    jetstream: false,
    configuration: `jetstream { store_dir: "${mkdtempSync(join(tmpdir(), "arpeggio-limit-"))}", max_file_store: 1MB }`
  })
  const broker = await brokerForTest(server)
  const body = new Uint8Array(200_000)
  const fill = async (): Promise<void> => {
    for (let at = 0; ; at += 1) await broker.publish({ subject: record(`run${at}`), body })
  }
  await expect(fill()).rejects.toMatchObject({ reason: "Full" })
  await appears(broker, "The broker has no room")
  await broker.purge("shop.i.>")
  await broker.publish({ subject: record("small"), body: new Uint8Array(1) })
  await goes(broker, "no room")
  expect(await broker.health()).toMatchObject({ ok: true, problems: [] })
})
