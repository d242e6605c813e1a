/** A value of a fallback is read elsewhere, and by an older contract, as what it is. */
import { randomUUID } from "node:crypto"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { group, map, recover, settle, task, type Workflow } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import type { App } from "../../src/client/app.ts"
import { connectNats } from "../../src/nats/broker.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { branchTasks, guest, NoSuchUser, user } from "../fixtures/branches.ts"
import { startNatsServer } from "../nats-server.ts"

/** The same tasks a version ago: a guest had no host, and a user another name. */
const before = {
  user: task("branch.user", {
    input: [Schema.Finite],
    output: Schema.Struct({ nickname: Schema.optionalKey(Schema.String) }),
    errors: [NoSuchUser]
  }),
  guest: task("branch.guest", {
    input: [NoSuchUser],
    output: Schema.Struct({ name: Schema.String })
  })
}

interface Found {
  readonly connect: () => Promise<Broker>
  readonly stop: () => Promise<void>
}

const places: { readonly [name: string]: () => Promise<Found> } = {
  memory: async () => {
    const server = memoryServer()
    return { connect: async () => server.connect(), stop: async () => {} }
  },
  NATS: async () => {
    const { url, stop } = await startNatsServer()
    const namespace = `branches-${randomUUID().slice(0, 8)}`
    return { connect: () => connectNats({ servers: url, namespace, name: "test" }), stop }
  }
}

for (const [name, open] of Object.entries(places)) {
  describe(name, () => {
    let first: App
    let second: App
    let close: () => Promise<void>
    beforeAll(async () => {
      const { connect, stop } = await open()
      const worker = await workerOver(await connect(), branchTasks)
      first = await clientOver(await connect())
      second = await clientOver(await connect())
      close = async () => {
        await first.close()
        await second.close()
        await worker.drain()
        await stop()
      }
    })
    afterAll(() => close())

    const large = Array.from({ length: 2_000 }, (_, at) => (at % 2 === 0 ? at : -at))
    const forms: {
      readonly [form: string]: readonly [
        (tasks: { user: typeof user; guest: typeof guest }) => Workflow<any, unknown, unknown>,
        input: unknown
      ]
    } = {
      "one value": [({ user, guest }) => recover(user(-1), { NoSuchUser: guest() }), undefined],
      "in a record": [
        ({ user, guest }) => group({ a: user(1), b: recover(user(-1), { NoSuchUser: guest() }) }),
        undefined
      ],
      settled: [
        ({ user, guest }) => settle(group(recover(user(-1), { NoSuchUser: guest() }))),
        undefined
      ],
      "in a large map": [({ user, guest }) => map(recover(user(), { NoSuchUser: guest() })), large]
    }
    for (const [form, [build, input]] of Object.entries(forms)) {
      test(form, async () => {
        const workflow = build({ user, guest })
        const run = await first.start(workflow, input)
        const told = await run.result()
        const elsewhere = await second.attach(run.id, build({ user, guest })).result()
        expect(elsewhere).toStrictEqual(told)
        expect(JSON.stringify(told)).toContain("invitedBy")
        const older = await second.attach(run.id, build(before as never)).result()
        expect(older).toStrictEqual(withoutWhatIsNew(told))
      })
    }
  })
}

test("a value that came by a branch is not read by a workflow without it", async () => {
  const server = memoryServer()
  const worker = await workerOver(server.connect(), branchTasks)
  const app = await clientOver(server.connect())
  const run = await app.start(group(recover(user(-1), { NoSuchUser: guest() })))
  await run.result()
  for (const other of [
    group(user(-1)),
    user(-1),
    group(settle(user(-1))),
    group(recover(user(-1), { NoSuchUser: guest() }), user(1)),
    map(user())
  ]) {
    const read = app.attach(run.id, other as never).result()
    await expect(read).rejects.toMatchObject({ _tag: "InvalidResult" })
  }
  await app.close()
  await worker.drain()
})

/** What the contracts before say of a value: nothing of a user, and of a guest no host. */
const withoutWhatIsNew = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutWhatIsNew)
  if (typeof value !== "object" || value === null) return value
  if ("invitedBy" in value) return { name: "guest" }
  if ("name" in value) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutWhatIsNew(item)])
  )
}
