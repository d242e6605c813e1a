/** A disk that takes only so many writes a second: a file as a block device, and a limit of the kernel's for whoever writes to it. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface SlowDisk {
  readonly folder: string
  /** From now on that process may write so many times a second; 0 is without limit. */
  slow(pid: number, writes: number): void
  remove(): void
}

const groups = "/sys/fs/cgroup/blkio"

const run = (program: string, ...words: ReadonlyArray<string>): string =>
  execFileSync(program, words, { stdio: "pipe" }).toString().trim()

/** The disk, or the reason why there can be none here. */
export const slowDisk = (): SlowDisk | { readonly why: string } => {
  if (!existsSync(groups)) return { why: `there is no ${groups}` }
  const folder = mkdtempSync(join(tmpdir(), "arpeggio-slow-"))
  const image = `${folder}.image`
  const group = `${groups}/arpeggio-${process.pid}`
  const undo: Array<() => void> = [() => rmSync(folder, { recursive: true, force: true })]
  const remove = (): void => {
    for (const step of undo.splice(0).toReversed()) step()
  }
  try {
    run("truncate", "--size", "200M", image)
    undo.push(() => rmSync(image))
    const device = run("losetup", "--find", "--show", image)
    undo.push(() => void run("losetup", "--detach", device))
    run("mkfs.ext4", "-q", device)
    run("mount", device, folder)
    undo.push(() => void run("umount", folder))
    mkdirSync(group)
    undo.push(() => rmdirSync(group))
    const number = run("stat", "--format", "%Hr:%Lr", device)
    return {
      folder,
      slow: (pid, writes) => {
        writeFileSync(`${group}/blkio.throttle.write_iops_device`, `${number} ${writes}`)
        writeFileSync(`${group}/cgroup.procs`, String(pid))
      },
      remove
    }
  } catch (error) {
    remove()
    return { why: String(error).split("\n")[0]! }
  }
}
