/** Where servers are, in texts that may hold passwords: nothing of those is ever shown, however they are written. */
import { inspect } from "node:util"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { connect, serve, startWorker } from "arpeggio"
import { addressesIn, secretIn, shown } from "../../src/nats/address.ts"

const read = (text: string) => {
  const addresses = addressesIn(text)
  return { ...secretIn(addresses), at: shown(addresses) }
}

test.each([
  ["nats://host:4222", { at: "nats://host:4222" }],
  ["host", { at: "host" }],
  ["nats://me:secret@host:1", { user: "me", pass: "secret", at: "nats://host:1" }],
  ["nats://token@host:1", { token: "token", at: "nats://host:1" }],
  ["me:a/b@host:1", { user: "me", pass: "a/b", at: "host:1" }],
  ["nats://me:top@secret@host:1", { user: "me", pass: "top@secret", at: "nats://host:1" }],
  ["nats://me:a:b#c?d e@host:1", { user: "me", pass: "a:b#c?d e", at: "nats://host:1" }],
  ["nats://me:100%@host:1", { user: "me", pass: "100%", at: "nats://host:1" }],
  ["nats://me:a%2Cb%40c@host:1", { user: "me", pass: "a,b@c", at: "nats://host:1" }],
  ["nats://me:x@[::1]:4222", { user: "me", pass: "x", at: "nats://[::1]:4222" }],
  ["nats://a:1, nats://me:x@b:2", { user: "me", pass: "x", at: "nats://a:1, nats://b:2" }],
  ["a:1,b:2", { at: "a:1, b:2" }],
  ["u:p@a:1,u:p@b:2", { user: "u", pass: "p", at: "a:1, b:2" }],
  ["nats://a:1,b:2", { at: "nats://a:1, b:2" }]
])("%s", (text, expected) => {
  expect(read(text)).toEqual(expected)
})

test.each([
  ["nats://me:Xy/9kQz", "cannot be read"],
  ["nats://me:Xy9kQz", "cannot be read"],
  ["nats://me:Xy9kQz@", "cannot be read"],
  ["nats://me:Xy9kQz@host:99999", "cannot be read"],
  ["nats://me:a,Xy9kQz@host:1", "comma"],
  ["nats://me:a@b,Xy9kQz@host:1", "comma"],
  ["me:1,Xy9kQz@host:1", "comma"],
  ["wss://me:Xy9kQz@host:1", "WebSocket"]
])("%s is refused without a word of it", (text, why) => {
  let error: unknown
  try {
    addressesIn(text)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({ reason: "Misconfigured", message: expect.stringContaining(why) })
  expect(inspect(error)).not.toMatch(/Xy9?|kQ/)
  expect(String(error)).toMatch(/encodeURIComponent|ordinary clients/)
})

test("what is no text is refused by its kind", () => {
  const url = new URL("nats://me:Xy9kQz@host:1")
  expect(() => addressesIn(url as never)).toThrow(/servers is the address .* not URL/)
})

const failureOf = (work: () => Promise<unknown>): Promise<unknown> =>
  Promise.resolve()
    .then(work)
    .then(
      () => "nothing was wrong",
      (thrown: unknown) => thrown
    )

/** All that anybody might print of an error. */
const everything = (error: unknown): string =>
  [String(error), inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error)].join("\n")

test("any password, escaped or not, is a secret", async () => {
  const letters = [..."kQ9zX/@:#?% &=+$[]{}\\\"'<>|^`~;!*()"]
  const password = fc
    .array(fc.constantFrom(...letters), { minLength: 4, maxLength: 12 })
    .map((some) => `Zq7${some.join("")}7qZ`)
  await fc.assert(
    fc.asyncProperty(password, fc.boolean(), fc.boolean(), async (pass, escaped, token) => {
      const text = escaped ? encodeURIComponent(pass) : pass
      const servers = `nats://${token ? text : `me:${text}`}@127.0.0.1:1`
      const error = await failureOf(() => connect({ servers, print() {} }))
      expect(error).toMatchObject({ _tag: "BrokerError" })
      expect(everything(error)).not.toMatch(/Zq7|7qZ/)
    }),
    { numRuns: 60 }
  )
})

test.each([
  ["the address instead of the options", () => connect("nats://me:Zq7@127.0.0.1:1" as never)],
  ["a token as authentication", () => connect({ authentication: "Zq7" as never })],
  ["the address instead of a worker's options", () => startWorker([], "nats://me:Zq7@h" as never)],
  ["the address instead of tasks", () => serve("nats://me:Zq7@h" as never)],
  ["the address among tasks", () => serve(["nats://me:Zq7@h"] as never)],
  ["a profile", () => connect({ profile: "nats://me:Zq7@h" as never, servers: "127.0.0.1:1" })],
  ["a namespace", () => connect({ namespace: "nats://me:Zq7@h" })],
  [
    "a path as credentials",
    () => connect({ servers: "127.0.0.1:1", authentication: { credentials: "/Zq7.creds" } })
  ],
  [
    "broken credentials",
    () =>
      connect({
        servers: "127.0.0.1:1",
        authentication: {
          credentials: "-----BEGIN NATS USER JWT-----\nZq7\n------END NATS USER JWT------\n"
        }
      })
  ],
  [
    "a key that is none",
    () =>
      connect({
        servers: "127.0.0.1:1",
        authentication: { user: "Zq7", pass: "Zq7", tls: { key: "Zq7", cert: "Zq7" } }
      })
  ]
])("%s: refused without a word of it", async (_, work) => {
  const error = await failureOf(work as () => Promise<unknown>)
  expect(error).toBeInstanceOf(Error)
  expect(everything(error)).not.toContain("Zq7")
})
