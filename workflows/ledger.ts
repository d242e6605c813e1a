/** A pretend payment provider. Like real ones it takes an idempotency key, and does a request with a known key once. */

interface Entry {
  readonly id: string
  readonly amount: number
}

const entries = new Map<string, Entry>()

/** Books an amount, negative for money paid back. The same key gives the same entry, and moves no money again. */
export const book = async (key: string, amount: number): Promise<Entry> => {
  const known = entries.get(key)
  if (known !== undefined) return known
  const entry = { id: `entry-${entries.size + 1}`, amount }
  entries.set(key, entry)
  return entry
}

/** What was booked altogether. */
export const balance = (): number =>
  [...entries.values()].reduce((total, { amount }) => total + amount, 0)
