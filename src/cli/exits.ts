/** What the command line ends with, for scripts; and which error ends it how. */

/** The codes that it exits with. */
export const exits = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  notYet: 4,
  notFound: 5,
  problems: 6,
  interrupted: 130
} as const

/** Why it ends. */
export type Exit = keyof typeof exits

/** What each means, for the page about the command line. */
export const meanings: { readonly [E in Exit]: string } = {
  ok: "it did what was asked",
  failed:
    "the run did not succeed: it failed, crashed, timed out, expired or was cancelled; or what was asked was refused, as a key that another run holds or a dead letter that cannot be redriven",
  usage:
    "the command, an option, an argument or a task file is wrong; nothing was sent to the broker",
  unreachable: "the broker cannot be reached, does not let us in, or cannot do what was asked",
  notYet: "the run had not ended by the time given; it goes on",
  notFound: "there is no such run, dead letter or schedule, or its outcome is no longer kept",
  problems: "`doctor` has found problems",
  interrupted: "you pressed Ctrl-C; a run that was started goes on"
}

/** What the command line itself refuses. */
export class Refusal extends Error {
  readonly exit: Exit

  constructor(exit: Exit, message: string) {
    super(message)
    this.exit = exit
    this.name = exit
  }
}

/** The command is not written as it should be. */
export const misused = (message: string): Refusal => new Refusal("usage", message)

/** An error as `--json` prints it. */
export interface Told {
  /** The class of the error and, of a broker's, its reason: `UnknownRun`, `BrokerError.Unreachable`. */
  readonly code: string
  readonly message: string
}

const byTag: { readonly [tag: string]: Exit } = {
  ContractError: "usage",
  CompositionError: "usage",
  InvalidInput: "usage",
  StillRunning: "notYet",
  UnknownRun: "notFound",
  ResultExpired: "notFound",
  UnknownDeadLetter: "notFound",
  UnknownSchedule: "notFound",
  BrokerError: "unreachable"
}

/** By their tags rather than their classes: what only refuses an option does not load the library for it. */
export const exitOf = (cause: unknown): Exit => {
  if (cause instanceof Refusal) return cause.exit
  return byTag[tagOf(cause) ?? ""] ?? "failed"
}

/** What to print of an error. One that is no error of ours comes with its stack. */
export const toldOf = (cause: unknown): Told => {
  const tag = tagOf(cause)
  if (!(cause instanceof Error)) return { code: "Error", message: String(cause) }
  if (cause instanceof Refusal) return { code: cause.name, message: cause.message }
  if (tag === undefined) return { code: cause.name, message: cause.stack ?? cause.message }
  const { reason } = cause as { readonly reason?: unknown }
  const code = typeof reason === "string" && tag === "BrokerError" ? `${tag}.${reason}` : tag
  return { code, message: cause.message }
}

const tagOf = (cause: unknown): string | undefined => {
  if (typeof cause !== "object" || cause === null || !("_tag" in cause)) return undefined
  return typeof cause._tag === "string" ? cause._tag : undefined
}
