/** What it was measured on. */
import { readFileSync } from "node:fs"
import { cpus, release, totalmem, type } from "node:os"
import { resolve } from "node:path"

/** The kind of file system that a folder is on: a disk in memory makes every store fast. */
const fileSystemOf = (folder: string): string => {
  const path = `${resolve(folder)}/`
  let best = { at: "", kind: "unknown" }
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [, at, kind] = line.split(" ")
    if (at === undefined || kind === undefined) continue
    const inside = path.startsWith(at.endsWith("/") ? at : `${at}/`)
    if (inside && at.length >= best.at.length) best = { at, kind }
  }
  return best.kind
}

export const machine = (folder: string): string => {
  const [first] = cpus()
  const memory = (totalmem() / 2 ** 30).toFixed(1)
  return `${first?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, ${memory} GB, ${type()} ${release()}, Node ${process.version}, stores on ${fileSystemOf(folder)}; everything on loopback, client, worker and services on the same machine`
}
