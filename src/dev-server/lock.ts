/**
 * Decides which process runs the project's server: `lock.<generation>` in `.arpeggio`.
 *
 * The highest generation holds the lock for as long as the process it names lives. A dead holder's file is
 * never removed to make room, it is outnumbered, so two processes cannot break the same lock: creating
 * the next generation succeeds for one of them. (Remove and create has a gap in which the second
 * remover takes away the first one's new lock.)
 */
import { readFile, readdir, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { here, isAlive } from "./process-identity.ts"
import type { ProcessIdentity } from "./process-identity.ts"
import { clock } from "./poll.ts"

export interface Lock {
  /** 0 when nobody ever held it. */
  readonly generation: number
  readonly held: boolean
  /** Who holds or held it, as far as that can be read. */
  readonly holder?: ProcessIdentity
}

/** A holder that cannot be seen from here (another container, another host) touches its file; silence this long means it is gone. */
const silence = 15_000

export const lockFile = (directory: string, generation: number): string =>
  join(directory, `lock.${generation}`)

const generations = async (directory: string): Promise<ReadonlyArray<number>> => {
  const names = await readdir(directory).catch(() => [])
  return names.flatMap((name) => {
    const digits = /^lock\.(\d+)$/.exec(name)?.[1]
    return digits === undefined ? [] : [Number(digits)]
  })
}

const touchedLately = async (file: string): Promise<boolean> => {
  const status = await stat(file).catch(() => undefined)
  return status !== undefined && clock() - status.mtimeMs < silence
}

const parse = (text: string): ProcessIdentity | undefined => {
  try {
    const holder = JSON.parse(text) as ProcessIdentity
    return typeof holder.pid === "number" ? holder : undefined
  } catch {
    return undefined
  }
}

export const readLock = async (directory: string): Promise<Lock> => {
  const generation = Math.max(0, ...(await generations(directory)))
  if (generation === 0) {
    return { generation, held: false }
  }
  const file = lockFile(directory, generation)
  const holder = parse(await readFile(file, "utf8").catch(() => ""))
  if (holder === undefined) {
    // Being written this moment, or written by a process that died doing so.
    return { generation, held: await touchedLately(file) }
  }
  const visible = holder.pid === 0 || holder.where === here()
  return { generation, holder, held: visible ? await isAlive(holder) : await touchedLately(file) }
}

/** Takes the given generation for a process. `false`: somebody else was quicker. */
export const takeLock = async (
  directory: string,
  generation: number,
  holder: ProcessIdentity
): Promise<boolean> => {
  const file = lockFile(directory, generation)
  try {
    await writeFile(file, JSON.stringify(holder), { flag: "wx" })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") {
      return false
    }
    throw thrown
  }
  const all = await generations(directory)
  if (all.some((other) => other > generation)) {
    // Our look was old: the number was free again because later holders had tidied up.
    await rm(file, { force: true })
    return false
  }
  // The one before stays, so that a listing taken during a change never comes out empty.
  const old = all.filter((other) => other < generation - 1)
  await Promise.all(old.map((other) => rm(lockFile(directory, other), { force: true })))
  return true
}
