/** Packages of one project share its server and its namespace, so they meet. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { task } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { namespaceFor } from "../../src/nats/namespace.ts"
import { findServer } from "../../src/dev-server/find.ts"
import { projectAt } from "../../src/dev-server/project.ts"
import { rootOf } from "../../src/nats/project-root.ts"
import { afterwards, environment, makeProject } from "./project.ts"

const double = task("mono.double", { input: [Schema.Finite], output: Schema.Finite }, (x) => x * 2)

/** Writes files below a directory, and says where. */
const write = (directory: string, files: { readonly [path: string]: object }): string => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), JSON.stringify(content))
  }
  return directory
}

/** What `serve` and `connect` do without an option, in a directory. */
const brokerIn = async (directory: string) => {
  const found = await findServer({ directory, environment: environment(), say: () => {} })
  afterwards(() => found.release())
  const namespace = namespaceFor(undefined, directory, {})
  return { found, broker: await connectNats({ servers: found.servers[0]!, namespace }) }
}

test("two packages of a workspace meet, on the server that one of them has started", async () => {
  const root = write(makeProject(), {
    "package.json": { name: "@acme/shop", workspaces: ["packages/*"] },
    "packages/web/package.json": { name: "@acme/web" },
    "packages/worker/package.json": { name: "@acme/worker" },
    "packages/worker/src/main.json": {}
  })
  const ours = await brokerIn(join(root, "packages/worker/src"))
  const worker = await workerOver(ours.broker, [double])
  const theirs = await brokerIn(join(root, "packages/web"))
  const app = await clientOver(theirs.broker)
  expect(theirs.found.servers).toEqual(ours.found.servers)
  expect(theirs.broker.facts.namespace).toBe("acme-shop")
  expect(await app.run(double(2))).toBe(4)
  await app.close()
  await worker.drain()
})

test.each([
  ["the nearest lockfile", { "a/pnpm-lock.yaml": {}, "a/b/package.json": {}, ".git/x": {} }, "a"],
  [
    "without one, the outermost package of the repository",
    { ".git/x": {}, "a/package.json": {}, "a/b/package.json": {} },
    "a"
  ],
  ["the repository itself, where it has no package", { ".git/x": {}, "a/b/c/other.json": {} }, "."],
  [
    "its root, where it is a package",
    { ".git/x": {}, "package.json": {}, "a/b/package.json": {} },
    "."
  ]
])("the root of a project is %s", (_, files, expected) => {
  const top = write(join(makeProject(), "top"), files)
  const below = join(top, "a/b/c")
  mkdirSync(below, { recursive: true })
  expect(rootOf(below)).toBe(join(top, expected))
  expect(projectAt(below).root).toBe(join(top, expected))
})
