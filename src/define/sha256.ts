/** SHA-256 where there is no Node: contracts are declared in browsers, too, whose own is asked for with a promise. */

/** The first 32 bits behind the point of roots of primes, as the standard makes its constants. */
const fractions = (power: number, count: number): Uint32Array => {
  const found: Array<number> = []
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (isPrime(candidate)) found.push((candidate ** power % 1) * 2 ** 32)
  }
  return Uint32Array.from(found)
}

const isPrime = (candidate: number): boolean => {
  for (let factor = 2; factor * factor <= candidate; factor += 1) {
    if (candidate % factor === 0) return false
  }
  return true
}

let constants: { readonly start: Uint32Array; readonly rounds: Uint32Array } | undefined

const turned = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

/** The text as UTF-8, a bit that is set, zeros, and its length in bits: whole blocks of 64 bytes. */
const padded = (text: string): DataView => {
  const bytes = new TextEncoder().encode(text)
  const blocks = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64)
  blocks.set(bytes)
  blocks[bytes.length] = 0x80
  const view = new DataView(blocks.buffer)
  view.setBigUint64(blocks.length - 8, BigInt(bytes.length) * 8n)
  return view
}

/** The words of one block, and those that are made of them. */
const schedule = (message: DataView, from: number): Uint32Array => {
  const words = new Uint32Array(64)
  for (let at = 0; at < 16; at += 1) words[at] = message.getUint32(from + 4 * at)
  for (let at = 16; at < 64; at += 1) {
    const near = words[at - 2]!
    const far = words[at - 15]!
    const one = turned(near, 17) ^ turned(near, 19) ^ (near >>> 10)
    const other = turned(far, 7) ^ turned(far, 18) ^ (far >>> 3)
    words[at] = words[at - 16]! + other + words[at - 7]! + one
  }
  return words
}

/** The digest of a text, 32 bytes. */
export const sha256 = (text: string): Uint8Array => {
  const { start, rounds } = (constants ??= {
    start: fractions(1 / 2, 8),
    rounds: fractions(1 / 3, 64)
  })
  const state = start.slice()
  const message = padded(text)
  for (let from = 0; from < message.byteLength; from += 64) {
    const words = schedule(message, from)
    // Kept as integers, which wrap.
    let a = state[0]! | 0
    let b = state[1]! | 0
    let c = state[2]! | 0
    let d = state[3]! | 0
    let e = state[4]! | 0
    let f = state[5]! | 0
    let g = state[6]! | 0
    let h = state[7]! | 0
    for (let at = 0; at < 64; at += 1) {
      const chosen = (e & f) ^ (~e & g)
      const most = (a & b) ^ (a & c) ^ (b & c)
      const high = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
      const low = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
      const one = (h + high + chosen + (rounds[at]! | 0) + (words[at]! | 0)) | 0
      h = g
      g = f
      f = e
      e = (d + one) | 0
      d = c
      c = b
      b = a
      a = (one + low + most) | 0
    }
    const next = [a, b, c, d, e, f, g, h]
    for (let at = 0; at < 8; at += 1) state[at]! += next[at]!
  }
  const digest = new DataView(new ArrayBuffer(32))
  for (const [at, word] of state.entries()) digest.setUint32(4 * at, word)
  return new Uint8Array(digest.buffer)
}
