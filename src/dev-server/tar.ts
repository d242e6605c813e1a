/** Reads one file out of a tar archive: headers of 512 bytes, contents padded to as much. */

const block = 512

const textAt = (archive: Uint8Array, from: number, length: number): string => {
  const text = Buffer.from(archive.subarray(from, from + length)).toString("latin1")
  const end = text.indexOf("\0")
  return end === -1 ? text : text.slice(0, end)
}

/** The contents of the named file. Throws when the archive has none of that name. */
export const fileInTar = (archive: Uint8Array, name: string): Uint8Array => {
  for (let header = 0; header + block <= archive.length;) {
    const size = Number.parseInt(textAt(archive, header + 124, 12), 8) || 0
    const contents = header + block
    if (textAt(archive, header, 100) === name) {
      return archive.subarray(contents, contents + size)
    }
    header = contents + Math.ceil(size / block) * block
  }
  throw new Error(`the archive holds no ${name}`)
}
