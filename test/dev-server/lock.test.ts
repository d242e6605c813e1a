/** The lock has one holder, whoever died before. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { here, isAlive, identityOf } from "../../src/dev-server/process-identity.ts"
import { lockFile, readLock, takeLock } from "../../src/dev-server/lock.ts"
import { afterwards } from "./project.ts"

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), "arpeggio-lock-"))
  afterwards(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const self = async () => (await identityOf(process.pid))!

const deadPid = (): number => spawnSync(process.execPath, ["--version"]).pid

test("nobody, then this process", async () => {
  const path = directory()
  expect(await readLock(path)).toEqual({ generation: 0, held: false })
  expect(await takeLock(path, 1, await self())).toBe(true)
  expect(await readLock(path)).toEqual({ generation: 1, held: true, holder: await self() })
  expect(await takeLock(path, 1, await self())).toBe(false)
})

test("a dead holder does not hold", async () => {
  const path = directory()
  writeFileSync(lockFile(path, 4), JSON.stringify({ ...(await self()), pid: deadPid() }))
  expect(await readLock(path)).toMatchObject({ generation: 4, held: false })
})

test("a recycled pid does not hold", async () => {
  const path = directory()
  writeFileSync(lockFile(path, 4), JSON.stringify({ ...(await self()), started: "another time" }))
  expect(await readLock(path)).toMatchObject({ generation: 4, held: false })
  expect(await isAlive(await self())).toBe(true)
})

test("a holder that cannot be seen from here holds as long as it touches its file", async () => {
  const path = directory()
  writeFileSync(lockFile(path, 2), JSON.stringify({ pid: 1, started: "1", where: `not ${here()}` }))
  expect(await readLock(path)).toMatchObject({ held: true })
  utimesSync(lockFile(path, 2), 1000, 1000)
  expect(await readLock(path)).toMatchObject({ held: false })
})

test("a half-written lock holds only while it is fresh", async () => {
  const path = directory()
  writeFileSync(lockFile(path, 2), "")
  expect(await readLock(path)).toEqual({ generation: 2, held: true })
  utimesSync(lockFile(path, 2), 1000, 1000)
  expect(await readLock(path)).toEqual({ generation: 2, held: false })
})

test("many break a stale lock at once: one wins", async () => {
  const path = directory()
  const identity = await self()
  writeFileSync(lockFile(path, 7), JSON.stringify({ ...identity, pid: deadPid() }))
  const { generation } = await readLock(path)
  const won = await Promise.all(
    Array.from({ length: 50 }, () => takeLock(path, generation + 1, identity))
  )
  expect(won.filter(Boolean)).toHaveLength(1)
})

test("whoever looked long ago does not get a number that was tidied away", async () => {
  const path = directory()
  const identity = await self()
  for (const generation of [6, 7, 8, 9]) {
    expect(await takeLock(path, generation, identity)).toBe(true)
  }
  expect(await takeLock(path, 6, identity)).toBe(false)
  expect(readdirSync(path).toSorted()).toEqual(["lock.8", "lock.9"])
})
