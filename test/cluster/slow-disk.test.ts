/** Fact: a disk that is slow, and not full, makes everything slow and loses nothing. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { task } from "arpeggio"
import { serverForTest } from "../nats/fixture.ts"
import { clientAt, double, tookHere, workerAt } from "../facts/place.ts"
import { slowDisk } from "../facts/slow-disk.ts"
import { appears, goes } from "../health/appears.ts"

const always = (folder: string): string =>
  `jetstream { store_dir: "${folder}/store", sync_interval: always }`

const tooSlow = /wait for .* its disk is too slow for what is asked of it/

// No lease is lost, nothing runs twice, and it is over when the disk is fast.
test("its disk is too slow for what is asked of it", async (context) => {
  const disk = slowDisk()
  if ("why" in disk) return context.skip(`needs a disk that can be slowed down: ${disk.why}`)
  const server = await serverForTest({
    jetstream: false,
    configuration: always(disk.folder)
  })
  onTestFinished(async () => {
    disk.slow(server.pid, 0)
    await server.stop()
    disk.remove()
  })
  let executed = 0
  const noted = task("facts.noted", { input: [Schema.Finite], output: Schema.Finite }, (x) => {
    executed += 1
    return x
  })
  const worker = await workerAt(server, [double, noted])
  const app = await clientAt(server)
  await app.run(double(1))
  disk.slow(server.pid, 15)
  // Three writes to the disk for a run, or more: together they wait for longer than an answer usually takes. How long each
  // waits is up to the server, which may get stuck altogether for seconds, which health then says instead.
  let seen = false
  for (let batch = 1; batch <= 5 && !seen; batch++) {
    const numbers = Array.from({ length: 40 }, (_, at) => at)
    const runs = Promise.all(numbers.map((at) => app.run(noted(at))))
    seen = await appears(worker, tooSlow, 45_000).then(
      () => true,
      () => false
    )
    expect(await runs).toEqual(numbers)
    expect(executed).toBe(40 * batch)
  }
  expect(seen).toBe(true)
  expect((await worker.health()).counters).toMatchObject({ lost: 0, fenced: 0 })
  disk.slow(server.pid, 0)
  expect(await tookHere(() => app.run(double(2)))).toBeLessThan(10_000)
  await goes(worker, "too slow", 10_000)
  // What the server was late with, a queue that it said nothing about, goes as it says something again.
  await expect.poll(async () => (await worker.health()).problems, { timeout: 30_000 }).toEqual([])
}, 300_000)
