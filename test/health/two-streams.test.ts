/** Problem: two streams take a namespace's records, on the two sides of a leaf node. */
import { connect as connectTo } from "@nats-io/transport-node"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { task, type App } from "arpeggio"
import * as Schema from "effect/Schema"
import type { Worker } from "../../src/worker/layer.ts"
import { clientAt, namespace, stream, workerAt } from "../facts/place.ts"
import type { NatsServer } from "../nats-server.ts"
import { pairForTest } from "../nats/leaf.ts"
import { appears, goes } from "./appears.ts"

const words = /two streams named arpeggio-facts.*executed by the workers of both sides/

const problemsOf = async (one: App | Worker): Promise<string> =>
  (await one.health()).problems.join("\n")

/** Until `check` holds; well within the minute that is promised, because the looks are more frequent here. */
const soon = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 })

const remove = async (server: NatsServer): Promise<void> => {
  const connection = await connectTo({ servers: server.url })
  await connection.request(`$JS.API.STREAM.DELETE.${stream}`, "{}")
  await connection.close()
}

describe("two streams take what is published to the namespace", () => {
  test("it is told on both sides by who was there and who comes, and goes with the second stream", async () => {
    const { hub, leaf, join } = await pairForTest()
    const ran: Array<string> = []
    const count = (side: string) =>
      task("facts.count", { input: [Schema.Finite], output: Schema.Finite }, (n) => {
        ran.push(side)
        return n
      })
    const lines: Array<string> = []
    const print = (line: string): void => void lines.push(line)
    const often = { rival: 50 }
    const near = await workerAt(leaf, [count("leaf")], often, { say: print })
    await workerAt(hub, [count("hub")], often)
    const client = await clientAt(leaf, often)
    expect(await problemsOf(near)).toBe("")
    expect(await problemsOf(client)).toBe("")

    await join()
    await soon(() => expect(lines.join("\n")).toMatch(words))
    await appears(near, words, 20_000)
    // A client asks only when its health is asked.
    await soon(async () => expect(await problemsOf(client)).toMatch(words))
    const late = await clientAt(hub)
    await soon(async () => expect(await problemsOf(late)).toMatch(words))
    // What it warns of.
    await client.run(count("")(1))
    await soon(() => expect(ran.toSorted()).toEqual(["hub", "leaf"]))

    await remove(hub)
    await soon(async () => expect(await problemsOf(near)).toBe(""))
    await goes(client, words, 20_000)
    expect(lines.filter((line) => words.test(line))).toHaveLength(1)
    expect(lines.at(-1)).toContain(
      `only one stream takes the records of namespace "${namespace}" again`
    )
  }, 60_000)

  test("a stream that takes the same subjects under another name is named", async () => {
    const { hub, leaf, join } = await pairForTest({})
    const client = await clientAt(leaf, { rival: 50 })
    const connection = await connectTo({ servers: hub.url })
    onTestFinished(() => connection.close())
    const config = { name: "archive", subjects: [`${namespace}.>`] }
    await connection.request("$JS.API.STREAM.CREATE.archive", JSON.stringify(config))
    await join()
    await soon(async () =>
      expect(await problemsOf(client)).toContain("the stream archive, too, beside arpeggio-facts,")
    )
  }, 60_000)
})
