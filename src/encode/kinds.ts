/**
 * The kinds of records: what each is, and who removes it. A subject spells a kind as one token, which never changes; the code
 * knows it by its name.
 */

/** Who removes the records of a kind. */
export type Remover =
  /** Whoever acknowledges the call; of a run that has failed, whoever ends it. */
  | "ack"
  /** The server, when the run's retention is over. */
  | "retention"
  /** Whoever looks after the run, once it has ended and nothing of it is under way. */
  | "collector"
  /** Whoever looks after the run, once its outcome is gone, or starts another with the key. */
  | "key"
  /** The server as it fires the timer, or whoever no longer needs it. */
  | "firing"
  /** A person: by dropping the dead letter or redriving its run. */
  | "person"
  /** Whoever looks after the room that is left on the broker. */
  | "room"
  /** Whoever deletes the schedule. */
  | "deletion"

interface Facts {
  /** How subjects spell it. */
  readonly token: string
  readonly removedBy: Remover
}

/** The whole of it: a kind is added by one line. What is collected goes in this order. */
const table = {
  /** A call: the only kind that is delivered. */
  call: { token: "t", removedBy: "ack" },
  /** The outcome of a run, republished to whoever waits for it. */
  runOutcome: { token: "r", removedBy: "retention" },
  /** A part of a large value of a run's outcome. */
  keptValue: { token: "vr", removedBy: "retention" },
  /** A failed or lost attempt of a step. */
  attempt: { token: "a", removedBy: "collector" },
  /** A part of a large value. */
  value: { token: "v", removedBy: "collector" },
  /** The outcome of a step, or of a scope. */
  outcome: { token: "i", removedBy: "collector" },
  /** A frozen plan, or the first message of a run with dead letters. */
  frame: { token: "g", removedBy: "collector" },
  /** The key of an idempotent start. */
  key: { token: "k", removedBy: "key" },
  /** What the server will put on a queue later. */
  timer: { token: "s", removedBy: "firing" },
  deadLetter: { token: "dl", removedBy: "person" },
  /** A schedule: when it starts what, and where it stands. */
  schedule: { token: "c", removedBy: "deletion" },
  /** The schedules that are declared in code, by the name of their group. */
  scheduleGroup: { token: "cg", removedBy: "deletion" },
  /** A piece of the ballast: room that is kept back for outcomes. */
  ballast: { token: "b", removedBy: "room" },
  /** Says which process stores much now, while room is short. */
  turn: { token: "x", removedBy: "room" }
} as const satisfies { readonly [name: string]: Facts }

type Table = typeof table
type Name = keyof Table

/** A kind as subjects spell it. */
export type Kind = Table[Name]["token"]

const names = Object.keys(table) as ReadonlyArray<Name>

/** The token of each kind. */
export const kinds = Object.fromEntries(names.map((name) => [name, table[name].token])) as {
  readonly [N in Name]: Table[N]["token"]
}

const removedBy = (remover: Remover): ReadonlyArray<Kind> =>
  names.filter((name) => table[name].removedBy === remover).map((name) => table[name].token)

/** What is removed of a run that is over, in this order: what others are read with goes last. */
export const collected: ReadonlyArray<Kind> = removedBy("collector")

const known: ReadonlySet<string> = new Set(names.map((name) => table[name].token))

/** Whether this release knows records of a kind; another one is of a newer release. */
export const isKind = (token: string): token is Kind => known.has(token)
