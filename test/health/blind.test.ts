/** A worker whose user may not ask which queues there are. */
import { expect, test } from "vitest"
import { clientAt, double, workerAt } from "../facts/place.ts"
import { serverForTest } from "../nats/fixture.ts"
import { goes, isNoted } from "./appears.ts"

const users = (denied: string): string =>
  `authorization { users: [{ user: me, password: p, permissions: { publish: { deny: [${denied}] } } }] }`

test("this worker cannot see which queues there are", async () => {
  const server = await serverForTest({ configuration: users('"$JS.API.CONSUMER.LIST.>"') })
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  const who = { authentication: { user: "me", pass: "p" } }
  // It looks as often as patience is long.
  const worker = await workerAt(server, [double], {}, { ...who, print }, { patience: "1 second" })
  const app = await clientAt(server, {}, who)
  const words = "this worker cannot see which queues there are"
  const note = await isNoted(worker, words)
  expect(note).toMatch(/does not let this user publish to \$JS\.API\.CONSUMER\.LIST\..* Add it/)
  expect(await app.run(double(2))).toBe(4)
  await server.reload(users(""))
  await goes(worker, words)
  const told = lines.filter((line) => line.includes("which queues there are"))
  expect(told).toEqual([note, "this worker sees again which queues there are"])
}, 30_000)
