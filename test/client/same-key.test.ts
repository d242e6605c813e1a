/** What counts as the same piece of work under one key, and what does not. */
import { randomUUID } from "node:crypto"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { chain, group, map, recover, task, type App, type Workflow } from "arpeggio"
import { clientOver, memoryServer } from "arpeggio/testing"
import type { Broker } from "../../src/broker/broker.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"

const { Finite, String: Text } = Schema

class Gone extends Schema.TaggedError<Gone>()("Gone", {}) {}
class Away extends Schema.TaggedError<Away>()("Away", {}) {}
class Item extends Schema.Class<Item>("Item")({ sku: Text, counts: Schema.Record(Text, Finite) }) {}

const items = task("same.items", { input: [Schema.Record(Text, Finite)], output: Finite })
const any = task("same.any", { input: [Schema.Json], output: Schema.Json })
const wider = task("same.any", {
  input: [Schema.Json],
  output: Schema.Json,
  errors: [Gone]
})
const book = task("same.map", { input: [Schema.ReadonlyMap(Text, Finite)], output: Finite })
const bag = task("same.set", { input: [Schema.Array(Schema.ReadonlySet(Finite))], output: Finite })
const hashed = task("same.hashed", { input: [Schema.HashMap(Text, Finite)], output: Finite })
const item = task("same.item", { input: [Schema.Option(Item)], output: Finite })
const Marks = Schema.ReadonlySet(Finite)
const either = task("same.either", {
  input: [
    Schema.Union([
      Schema.Struct({ a: Marks }),
      Schema.Struct({ a: Marks, b: Schema.Option(Marks) })
    ])
  ],
  output: Finite
})
const fails = task("same.fails", { input: [Finite], output: Finite, errors: [Gone, Away] })

type Start = readonly [workflow: Workflow<any, unknown, unknown>, input?: unknown]

const some = (counts: { readonly [sku: string]: number }) =>
  Option.some(new Item({ sku: "a", counts }))

const same: { readonly [what: string]: readonly [Start, Start] } = {
  "a record in another order": [[items({ a: 1, b: 2 })], [items({ b: 2, a: 1 })]],
  "an input in another order": [
    [chain(any(), any()), { a: { x: 1, y: [1] }, b: 2 }],
    [chain(any(), any()), { b: 2, a: { y: [1], x: 1 } }]
  ],
  "a Map in another order": [
    [
      book(
        new Map([
          ["a", 1],
          ["b", 2]
        ])
      )
    ],
    [
      book(
        new Map([
          ["b", 2],
          ["a", 1]
        ])
      )
    ]
  ],
  "Sets in a list, as an input": [
    [map(bag()), [[new Set([1, 2])]]],
    [map(bag()), [[new Set([2, 1])]]]
  ],
  "Sets of what only one member of a union knows": [
    [either({ a: new Set([1]), b: Option.some(new Set([1, 2])) })],
    [either({ b: Option.some(new Set([2, 1])), a: new Set([1]) })]
  ],
  "a HashMap": [
    [hashed(HashMap.make(["a", 1], ["b", 2]))],
    [hashed(HashMap.make(["b", 2], ["a", 1]))]
  ],
  "members of a record in another order": [
    [group({ a: fails(1), b: fails(2) })],
    [group({ b: fails(2), a: fails(1) })]
  ],
  "fallbacks in another order": [
    [recover(fails(1), { Gone: any(1), Away: any(2) })],
    [recover(fails(1), { Away: any(2), Gone: any(1) })]
  ],
  "headers in another order": [
    [any(1).with({ headers: { a: "1", b: "2" } })],
    [any(1).with({ headers: { b: "2", a: "1" } })]
  ],
  "no headers, said or not": [[any(1)], [any(1).with({ headers: {} })]],
  "a contract that is wider by now": [[any({ kind: "x" })], [wider({ kind: "x" })]]
}

const different: { readonly [what: string]: readonly [Start, Start] } = {
  "zero with another sign, which travels": [[fails(0)], [fails(-0)]],
  "another value": [[items({ a: 1 })], [items({ a: 2 })]],
  "data that looks like a call": [
    [any({ kind: "call", fingerprint: "one" })],
    [any({ kind: "call", fingerprint: "two" })]
  ],
  "data that looks like a workflow, as an input": [
    [any(), { kind: "chain", steps: [{ kind: "call", fingerprint: "one" }] }],
    [any(), { kind: "chain", steps: [{ kind: "call", fingerprint: "two" }] }]
  ],
  "data called fingerprint, deep inside": [
    [group(any([{ fingerprint: 1 }]))],
    [group(any([{ fingerprint: 2 }]))]
  ],
  "a list in another order": [[any([1, 2])], [any([2, 1])]],
  "members of a tuple in another order": [[group(fails(1), fails(2))], [group(fails(2), fails(1))]],
  "a Map with other entries": [[book(new Map([["a", 1]]))], [book(new Map([["a", 2]]))]],
  "half of one surrogate pair and half of another": [[any("\ud83d")], [any("\ud83e")]],
  "another key of a record, with half a pair": [[any({ "\ud83d": 1 })], [any({ "\ud83e": 1 })]],
  "null and an absent key": [[any({ a: null })], [any({})]],
  "another retry": [[any(1)], [any(1).with({ retry: { times: 1 } })]],
  "what is in a class": [[item(some({ a: 1, b: 2 }))], [item(some({ a: 1, b: 3 }))]]
}

const places = {
  memory: async () => {
    const server = memoryServer()
    return { connect: async (): Promise<Broker> => server.connect(), stop: async () => {} }
  },
  NATS: async () => {
    const { url, stop } = await startNatsServer()
    const connect = () => connectNats({ servers: url, namespace: "same", name: "test" })
    return { connect, stop }
  }
}

for (const [name, open] of Object.entries(places)) {
  describe(name, () => {
    let app: App
    let close: () => Promise<void>
    beforeAll(async () => {
      const { connect, stop } = await open()
      app = await clientOver(await connect())
      close = async () => {
        await app.close()
        await stop()
      }
    })
    afterAll(() => close())

    const start = ([workflow, input]: Start, key: string) =>
      app.start(workflow.with({ key }), input)

    for (const [what, [first, second]] of Object.entries(same)) {
      test(`the same: ${what}`, async () => {
        const key = randomUUID()
        expect((await start(second, key)).id).toBe((await start(first, key)).id)
      })
    }
    for (const [what, [first, second]] of Object.entries(different)) {
      test(`not the same: ${what}`, async () => {
        const key = randomUUID()
        await start(first, key)
        await expect(start(second, key)).rejects.toMatchObject({ _tag: "KeyTaken" })
      })
    }

    test("keys that differ in half of a surrogate pair are two keys", async () => {
      const [one, two] = ["order \ud83d", "order \ud83e"]
      const [first, second] = [await start([any(1)], one), await start([any(2)], two)]
      expect(first.id).not.toBe(second.id)
      expect((await start([any(1)], one)).id).toBe(first.id)
      expect((await start([any(2)], two)).id).toBe(second.id)
    })
  })
}
