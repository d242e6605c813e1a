/** The messages on the wire: golden fixtures that are added to and never edited, and bodies that are no messages. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { type Message } from "../../src/encode/message.ts"
import { packMessage, unpackMessage, Unreadable, type Parcel } from "../../src/encode/codec.ts"

const common = { v: 1, run: "00mwst0000abcdefghij", keep: 3_600_000, codec: "json" } as const

/** One of each kind, and of a call also one with every field that has its place. */
const examples: { readonly [name: string]: Parcel } = {
  "v1-call": {
    message: {
      ...common,
      kind: "call",
      step: "0",
      parent: null,
      scopes: [],
      node: 0,
      task: "math.add",
      fingerprint: "abcdefghijkl",
      attempt: 1,
      level: "0"
    },
    slots: ["[4,2]"]
  },
  "v1-call-full": {
    message: {
      ...common,
      kind: "call",
      step: "Jm5_0cdefghijklmnopqrs",
      parent: "2",
      scopes: ["4", "1"],
      frame: { id: "4", index: 7 },
      node: 3,
      planHash: "0123456789abcdef",
      task: "math.mul",
      fingerprint: "abcdefghijkl",
      attempt: 2,
      again: true,
      notBefore: 1_795_408_331_760,
      deadline: 1_795_408_391_760,
      expires: 1_795_408_361_760.5,
      level: "0",
      labels: { team: "billing" },
      headers: { tenant: "é漢" },
      policy: { timeout: 30_000 },
      trace: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
      baggage: "user=7",
      first: { from: "record", node: "2", index: "_" },
      parked: 3
    },
    slots: ['[{"é":"漢字 \\n"}]', '{"kind":"chain","steps":[]}']
  },
  "v1-call-open": {
    message: {
      ...common,
      kind: "call",
      step: "1",
      parent: "0",
      scopes: [],
      frame: { id: "root" },
      node: 1,
      planHash: "h",
      task: "math.mul",
      fingerprint: "f",
      attempt: 1,
      level: "n",
      first: { from: "record", node: "0", index: "_" },
      open: 1
    },
    slots: ["[3]"]
  },
  "v1-call-crossed": {
    message: {
      ...common,
      kind: "call",
      step: "2",
      parent: "1",
      scopes: [],
      frame: { id: "root" },
      node: 2,
      planHash: "0123456789abcdef",
      task: "math.mul",
      fingerprint: "abcdefghijkl",
      attempt: 1,
      level: "0",
      crossed: true
    },
    slots: ["[6,3]"]
  },
  "v1-call-queues": {
    message: {
      ...common,
      queues: { mail: "notify" },
      kind: "call",
      step: "2",
      parent: "1",
      scopes: [],
      frame: { id: "root" },
      node: 2,
      planHash: "0123456789abcdef",
      task: "math.mul",
      fingerprint: "abcdefghijkl",
      attempt: 1,
      again: true,
      level: "0"
    },
    slots: ["[6,3]"]
  },
  "v1-call-retry": {
    message: {
      ...common,
      kind: "call",
      step: "0",
      parent: null,
      scopes: [],
      node: 0,
      task: "math.add",
      fingerprint: "abcdefghijkl",
      attempt: 2,
      level: "0",
      policy: {
        retry: {
          times: 3,
          backoff: "exponential",
          initial: 1_000,
          max: 600_000,
          jitter: 0.2,
          on: ["Busy", "TimedOut"]
        }
      }
    },
    slots: ["[4,2]"]
  },
  "v1-call-times": {
    message: {
      ...common,
      kind: "call",
      step: "0",
      parent: null,
      scopes: [],
      node: 0,
      task: "math.add",
      fingerprint: "abcdefghijkl",
      attempt: 1,
      level: "0",
      times: { due: 1_795_408_331_760, expires: 1_795_408_391_760.5 }
    },
    slots: ["[4,2]"]
  },
  "v1-sleep": {
    message: {
      ...common,
      kind: "sleep",
      frame: { id: "root" },
      node: 2,
      planHash: "0123456789abcdef",
      parent: "1",
      since: 1_795_408_331_760,
      until: 1_795_408_391_760,
      branches: true
    },
    slots: ["[6,3]", '{"kind":"chain","steps":[]}', '{"1":"NotFound"}']
  },
  "v1-sleep-kept": {
    message: {
      ...common,
      kind: "sleep",
      frame: { id: "4", index: 7 },
      node: 2,
      parent: null,
      since: 1_795_408_331_760,
      until: 1_795_408_391_760,
      input: { from: "record", node: "2", index: "_" },
      branches: { from: "record", node: "2", index: "_" },
      contract: { task: "math.add", fingerprint: "abcdefghijkl", worker: "host-1-ab12", since: 1 },
      crossed: true
    },
    slots: []
  },
  "v1-expire": {
    message: {
      ...common,
      kind: "expire",
      step: "1",
      frame: { id: "root" },
      node: 1,
      planHash: "0123456789abcdef",
      task: "math.mul",
      fingerprint: "abcdefghijkl",
      call: "shop.t.default.0.math/mul.app.i1.00mwst0000abcdefghij.1._",
      expires: 1_795_408_391_760
    },
    slots: ['{"kind":"chain","steps":[]}']
  },
  "v1-attempt": {
    message: {
      v: 1,
      kind: "attempt",
      run: common.run,
      step: "0",
      attempt: 1,
      tag: "TimedOut",
      worker: "host-1-ab12",
      at: 1_795_408_331_760,
      next: 1_795_408_332_760
    },
    slots: ['{"after":30000}']
  },
  "v1-cancel": {
    message: { ...common, kind: "cancel", reason: "cancelled on request" },
    slots: []
  },
  "v1-cancel-late": {
    message: {
      ...common,
      kind: "cancel",
      deadline: 1_795_408_391_760,
      reason: "its deadline has passed",
      late: true
    },
    slots: []
  },
  "v1-key": {
    message: {
      v: 1,
      kind: "key",
      run: common.run,
      hash: "0123456789abcdefghijkl",
      keep: 3_600_000
    },
    slots: ['"invoice-4711"']
  },
  "v1-expand": {
    message: {
      ...common,
      kind: "expand",
      frame: { id: "root" },
      node: 0,
      planHash: "0123456789abcdef",
      parent: null,
      input: { from: "chunks", id: "x1", count: 3, bytes: 700_000 }
    },
    slots: ['{"kind":"group","members":[]}']
  },
  "v1-collect": { message: { ...common, kind: "collect" }, slots: [] },
  "v1-outcome": {
    message: {
      v: 1,
      kind: "outcome",
      run: common.run,
      tag: "Succeeded",
      step: "0",
      attempt: 1,
      worker: "host-1-ab12",
      began: 1_795_408_331_760,
      ended: 1_795_408_331_761.25,
      codec: "json"
    },
    slots: ["6"]
  },
  "v1-outcome-failed": {
    message: {
      v: 1,
      kind: "outcome",
      run: common.run,
      tag: "Failed",
      step: "1",
      attempt: 1,
      worker: "host-1-ab12",
      began: 1,
      ended: 2,
      decided: { step: "3", task: "orders.reserve", attempt: 1, place: "step 2, member 1" },
      codec: "json"
    },
    slots: ['{"_tag":"OutOfStock","sku":"A1"}']
  },
  "v1-outcome-contract": {
    message: {
      v: 1,
      kind: "outcome",
      run: common.run,
      tag: "Succeeded",
      step: "1",
      attempt: 1,
      worker: "host-1-ab12",
      began: 1,
      ended: 2,
      codec: "json",
      contract: {
        task: "math.add",
        fingerprint: "abcdefghijkl",
        worker: "host-1-ab12",
        since: 1_795_408_331_760
      }
    },
    slots: ["6"]
  },
  "v1-outcome-members": {
    message: {
      v: 1,
      kind: "outcome",
      run: common.run,
      tag: "Succeeded",
      step: "1",
      attempt: 1,
      worker: "host-1-ab12",
      began: 1,
      ended: 2,
      codec: "json",
      value: { from: "members", scope: "1", count: 2, keys: ["user", "orders"] }
    },
    slots: []
  },
  "v1-outcome-branches": {
    message: {
      v: 1,
      kind: "outcome",
      run: common.run,
      tag: "Succeeded",
      step: "1",
      attempt: 1,
      worker: "host-1-ab12",
      began: 1,
      ended: 2,
      codec: "json",
      branches: true
    },
    slots: ['[{"name":"guest"},[7]]', '{"1":"NoSuchUser","4":{"0":{"2":"NotFound"}}}']
  },
  "v1-outcome-branches-kept": {
    message: {
      v: 1,
      kind: "outcome",
      run: common.run,
      tag: "Succeeded",
      step: "1",
      attempt: 1,
      worker: "host-1-ab12",
      began: 1,
      ended: 2,
      codec: "json",
      value: { from: "members", scope: "1", count: 2, map: 1 },
      branches: { from: "chunks", id: "abcdefghijklmnop", count: 2, bytes: 300_000, kept: true }
    },
    slots: []
  },
  "v1-outcome-declared": {
    message: {
      v: 1,
      kind: "outcome",
      run: common.run,
      tag: "Failed",
      step: "1",
      attempt: 1,
      worker: "host-1-ab12",
      began: 1,
      ended: 2,
      decided: {
        step: "Jm5_0cdefghijklmnopqrs",
        task: "orders.load",
        attempt: 1,
        place: "inside an expansion",
        declared: "orders.price"
      },
      codec: "json"
    },
    slots: ['{"_tag":"NotFound","order":7}']
  },
  "v1-frame-replaced": {
    message: {
      v: 1,
      kind: "frame",
      run: common.run,
      id: "4",
      hash: "0123456789abcdef",
      place: { kind: "i", node: "2", index: "1" },
      fence: { kind: "r", node: "_", index: "_" },
      scopes: ["2"],
      up: { frame: { id: "root" }, node: 4 },
      task: "orders.price",
      branches: { "3": "NotFound" }
    },
    slots: ['{"kind":"call"}']
  },
  "v1-frame-since": {
    message: {
      v: 1,
      kind: "frame",
      run: common.run,
      id: "4",
      hash: "0123456789abcdef",
      place: { kind: "i", node: "2", index: "1" },
      fence: { kind: "r", node: "_", index: "_" },
      scopes: ["2"],
      task: "orders.price",
      since: 1_795_408_331_760
    },
    slots: ['{"kind":"chain","steps":[{"kind":"sleep","for":20},{"kind":"call"}]}']
  },
  "v1-call-triggered": {
    message: {
      ...common,
      scheduled: { name: "nightly", at: 1_795_408_331_000, triggered: true },
      kind: "call",
      step: "0",
      parent: null,
      scopes: [],
      node: 0,
      task: "math.add",
      fingerprint: "abcdefghijkl",
      attempt: 1,
      level: "0"
    },
    slots: ["[4,2]"]
  },
  "v1-call-scheduled": {
    message: {
      ...common,
      scheduled: { name: "nightly", at: 1_795_408_331_000 },
      kind: "call",
      step: "0",
      parent: null,
      scopes: [],
      node: 0,
      task: "math.add",
      fingerprint: "abcdefghijkl",
      attempt: 1,
      level: "0"
    },
    slots: ["[4,2]"]
  },
  "v1-schedule": {
    message: {
      v: 1,
      kind: "schedule",
      name: "nightly",
      group: "reports",
      hash: "0123456789abcdefghijkl",
      revision: "abcdefgh",
      cron: "0 3 * * *",
      timeZone: "Europe/Berlin",
      misfire: "once",
      most: 100,
      tolerance: 60_000,
      overlap: "skip",
      jitter: 0,
      keep: 3_600_000,
      deadline: { after: 60_000 },
      next: 1_795_408_331_000,
      began: 1_795_408_431_000,
      last: { at: 1_795_408_271_000, run: "app-s0123456789a-00mwst0000abcdefghij" },
      paused: { since: 1_795_408_331_000, reason: "the vendor is down" },
      skipped: 1,
      missed: 2
    },
    slots: ['{"kind":"call"}', "null"]
  },
  "v1-schedule-every": {
    message: {
      v: 1,
      kind: "schedule",
      name: "often",
      hash: "0123456789abcdefghijkl",
      revision: "abcdefgh",
      every: 60_000,
      offset: 5_000,
      from: 1_795_408_331_000,
      until: 1_795_508_331_000,
      misfire: "all",
      most: 3,
      tolerance: 60_000,
      overlap: "cancel-previous",
      jitter: 1_000,
      keep: 3_600_000,
      skipped: 0,
      missed: 0
    },
    slots: ['{"kind":"call"}', "[1]"]
  },
  "v1-schedule-group": {
    message: {
      v: 1,
      kind: "scheduleGroup",
      group: "reports",
      hash: "0123456789abcdefghijkl",
      at: 1_795_408_331_000,
      before: ["lkjihgfedcba9876543210"]
    },
    slots: []
  },
  "v1-tick": { message: { v: 1, kind: "tick", name: "nightly" }, slots: [] },
  "v1-frame": {
    message: {
      v: 1,
      kind: "frame",
      run: common.run,
      id: "4",
      hash: "0123456789abcdef",
      place: { kind: "i", node: "2", index: "1" },
      fence: { kind: "r", node: "_", index: "_" },
      scopes: ["4", "2"],
      up: { frame: { id: "root" }, node: 4 },
      map: { count: 3, concurrency: 2 }
    },
    slots: ['{"kind":"call"}', "[1,2,3]"]
  },
  "v1-dead": {
    message: {
      v: 1,
      kind: "dead",
      subject: "shop.t.default.0.math/add.app.i.r.0._",
      reason: "no header line",
      worker: "host-1-ab12",
      at: 1_795_408_331_760
    },
    slots: ['"aGVsbG8="']
  },
  "v1-call-parked": {
    message: {
      ...common,
      kind: "call",
      step: "0",
      parent: null,
      scopes: [],
      node: 0,
      task: "math.add",
      fingerprint: "abcdefghijkl",
      attempt: 1,
      level: "0",
      parked: 2,
      parkedAt: 1_795_408_331_760
    },
    slots: ["[4,2]"]
  },
  "v1-dead-quarantined": {
    message: {
      v: 1,
      kind: "dead",
      subject: "shop.t.default.0.math/add.app.i.r.0._",
      reason: "math.add was begun 3 times by workers that died",
      worker: "host-1-ab12",
      at: 1_795_408_331_760,
      size: 5,
      task: "math.add",
      step: "0",
      attempt: 2,
      losses: 3,
      lost: [
        { worker: "host-2-cd34", began: 1_795_408_271_760 },
        { worker: "host-3-ef56", began: 1_795_408_301_760.5 }
      ],
      words: '{"name":"Error","message":"é漢"}'
    },
    slots: ['"aGVsbG8="']
  }
}

const fixture = (name: string): string =>
  new URL(`./fixtures/${name}.bin`, import.meta.url).pathname

describe("golden fixtures", () => {
  for (const [name, { message, slots }] of Object.entries(examples)) {
    test(name, () => {
      const packed = packMessage(message, slots)
      if (!existsSync(fixture(name)) && process.env["WRITE_FIXTURES"] === "yes") {
        writeFileSync(fixture(name), packed)
      }
      const golden = new Uint8Array(readFileSync(fixture(name)))
      expect(Buffer.from(packed).toString()).toBe(Buffer.from(golden).toString())
      const read = unpackMessage(golden)
      if (read instanceof Unreadable) throw read
      const { slots: _, ...found } = read.message as Message & { slots?: unknown }
      expect(found).toEqual(message)
      expect(read.slots).toEqual(slots)
    })
  }
})

describe("bodies that are no messages", () => {
  const broken: { readonly [name: string]: string } = {
    "no header line": "hello",
    "the header cannot be read": "{\n",
    "the header is not an object": "[1]\n"
  }
  for (const [why, body] of Object.entries(broken)) {
    test(why, () => {
      const read = unpackMessage(Buffer.from(body))
      expect(read).toBeInstanceOf(Unreadable)
      expect(read).toMatchObject({ why: "broken" })
      expect((read as Unreadable).message).toContain(why)
    })
  }

  test("a field of another type", () => {
    const read = unpackMessage(
      Buffer.from(`${JSON.stringify({ ...common, kind: "collect", keep: "long" })}\n`)
    )
    expect(read).toMatchObject({ why: "broken" })
  })

  test("a slot that reaches beyond the body", () => {
    const header = { ...common, kind: "collect", slots: [10] }
    expect(unpackMessage(Buffer.from(`${JSON.stringify(header)}\nabc`))).toMatchObject({
      why: "broken"
    })
  })

  test("bytes that are not UTF-8", () => {
    expect(unpackMessage(Buffer.from([0x7b, 0xff, 0x0a]))).toMatchObject({ why: "broken" })
  })

  test("a newer version is for a newer worker, not for nobody", () => {
    const read = unpackMessage(
      Buffer.from(`${JSON.stringify({ ...common, v: 2, kind: "call" })}\n`)
    )
    expect(read).toMatchObject({ why: "newer" })
    expect((read as Unreadable).message).toBe("message version 2; this release reads up to 1")
  })
})
