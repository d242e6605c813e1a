/** Fact: permissions on subjects restrict for which owner a process starts and cancels runs, and not what it reads. SECURITY.md has them. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { connect } from "arpeggio"
import { serverForTest } from "../nats/fixture.ts"
import { clientAt, double, namespace, workerAt } from "./place.ts"

const page = readFileSync(new URL("../../SECURITY.md", import.meta.url), "utf8")

/** The page's block, for this namespace and the owner alice. */
const permissions = /```text\n(permissions: \{[^`]*\})\n```/
  .exec(page)![1]!
  .replaceAll("shop", namespace)

const configuration = `authorization { users: [
  { user: alice, password: alice, ${permissions} }
  { user: all, password: all }
] }`

test("a user with the permissions of one owner starts runs of that owner, and of no other", async () => {
  const server = await serverForTest({ configuration })
  const as = (user: string): string => server.url.replace("nats://", `nats://${user}:${user}@`)
  const options = { servers: as("alice"), namespace, print: () => {} }

  const others = await clientAt({ url: as("all") })
  const waits = await others.start(double(3).with({ queue: "nobody" }))
  await using alice = await connect({ ...options, owner: "alice" })
  await workerAt({ url: as("all") })
  expect(await alice.run(double(2))).toBe(4)

  const refused = (owner: string) => ({
    _tag: "BrokerError",
    reason: "Refused",
    message: expect.stringMatching(new RegExp(`publish to ${namespace}\\.t\\..*\\.${owner}\\.`))
  })
  await expect(alice.cancel(waits.id)).rejects.toMatchObject(refused("app"))
  await using bob = await connect({ ...options, owner: "bob" })
  await expect(bob.start(double(2))).rejects.toMatchObject(refused("bob"))

  // What it reads is not restricted: the id is enough.
  const run = await others.start(double(3))
  await run.result()
  expect(await alice.attach(run.id, double(3)).result()).toBe(6)
})
