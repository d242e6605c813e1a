/** A worker that has seen every member end joins them without asking; one that has not asks the broker. */
import { expect, test } from "vitest"
import { chord } from "../../src/compose/chord.ts"
import { clientOver, memoryServer, workerOver } from "../../src/testing/index.ts"
import { canvasTasks, identity, tsum } from "../fixtures/tasks.ts"

const members = Array.from({ length: 40 }, (_, at) => identity(at))
const sum = members.length * ((members.length - 1) / 2)

const askedWith = async (workers: number): Promise<ReadonlyArray<string>> => {
  const server = memoryServer()
  const asked: Array<string> = []
  server.onCall = ({ connection, verb, subject }) => {
    if (connection === "worker" && (verb === "count" || verb === "readAll")) {
      asked.push(`${verb} ${subject.split(".")[1]}`)
    }
    return undefined
  }
  for (let at = 0; at < workers; at++) {
    await workerOver(server.connect({ name: "worker" }), canvasTasks, { concurrency: 3 })
  }
  const app = await clientOver(server.connect())
  expect(await app.run(chord(members, tsum()))).toBe(sum)
  return asked
}

test("alone it reads no member back", async () => {
  const reads = async (): Promise<ReadonlyArray<string>> =>
    (await askedWith(1)).filter((call) => call === "readAll i")
  // A process that was held up in the midst may count the last member before it hears of it.
  await expect.poll(reads).toEqual([])
})

test("two that have each seen a part read them", async () => {
  const asked = await askedWith(2)
  expect(asked).toContain("count i")
  expect(asked).toContain("readAll i")
})
