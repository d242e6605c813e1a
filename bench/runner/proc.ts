/** What a process and its children use, read from /proc. */
import { readdirSync, readFileSync } from "node:fs"

/** `getconf CLK_TCK`, which is 100 wherever Linux runs today. */
const ticks = 100

export interface Stat {
  readonly pid: number
  readonly parent: number
  readonly cpu: number
  /** In ticks since the machine was started: a number that came again belongs to somebody else. */
  readonly began: number
}

const statOf = (pid: number): Stat | undefined => {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8")
  } catch {
    return undefined
  }
  // The name in brackets may contain anything, so fields are counted from behind it: `state` is the first.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  // Own time, and that of children that have ended and were waited for.
  const time = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
  return { pid, parent: Number(fields[1]), cpu: time / ticks, began: Number(fields[19]) }
}

/** The processes and everything they have started that still runs. */
export const treeOf = (pids: ReadonlyArray<number>): ReadonlyArray<Stat> => {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
  const wanted = new Set(pids)
  for (let size = -1; size !== wanted.size;) {
    size = wanted.size
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid)
  }
  return all.filter(({ pid }) => wanted.has(pid))
}

/** CPU seconds since they were started, threads and children included. */
export const cpuOf = (pids: ReadonlyArray<number>): number =>
  pids.length === 0 ? 0 : treeOf(pids).reduce((sum, { cpu }) => sum + cpu, 0)

const residentOf = (pid: number): number => {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
    return Number(kilobytes ?? 0) / 1_024
  } catch {
    return 0
  }
}

/** Resident memory in MB. What forked processes share is counted in each. */
export const memoryOf = (pids: ReadonlyArray<number>): number =>
  treeOf(pids).reduce((sum, { pid }) => sum + residentOf(pid), 0)

/** Sends a signal to the processes and everything they have started. */
export const signalTree = (pids: ReadonlyArray<number>, signal: NodeJS.Signals): void =>
  signalEach(treeOf(pids), signal)

/** To those of them that still run. */
export const signalEach = (processes: ReadonlyArray<Stat>, signal: NodeJS.Signals): void => {
  for (const { pid, began } of processes) {
    if (statOf(pid)?.began !== began) continue
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended in between.
    }
  }
}
