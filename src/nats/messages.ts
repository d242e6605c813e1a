/** The sentences a user reads when the NATS server does not do what it was asked. */
import { BrokerError } from "../broker/errors.ts"

export type Reason = BrokerError["reason"]

export const failure = (reason: Reason, message: string): BrokerError =>
  new BrokerError({ reason, message })

/** What was asked, and what is known about its fate, when no usable answer came. */
export interface Loss {
  /** For example "storing a record on shop.t.…". */
  readonly doing: string
  readonly cause: "silent" | "disconnected" | "leaderless" | "closed"
  readonly waited: number
  /** A write that was sent and not answered may have been stored. */
  readonly doubtful: boolean
  /** Why there is no connection, where that is known: sentences. */
  readonly obstacle: string | undefined
}

const causes: Record<Loss["cause"], string> = {
  silent: "the server did not answer",
  disconnected: "there was no connection to the server",
  leaderless: "nothing answered for the stream: it has no leader, or it was deleted",
  closed: "the connection was closed"
}

const wayOut = (loss: Loss): string => {
  if (loss.doubtful) {
    return "It may have been stored: read before deciding, or send it again with the same id or condition."
  }
  if (loss.cause === "leaderless") {
    return "Nothing was stored. Look at `nats stream info`: is there a leader, is the stream there, is JetStream on?"
  }
  if (loss.cause === "closed") return "Nothing was stored. Connect again."
  if (loss.obstacle !== undefined) return "Nothing was stored."
  return "Nothing was stored. Is the server running, and can it be reached from here?"
}

export const lostAnswer = (loss: Loss): BrokerError => {
  const sure: Reason = loss.cause === "closed" ? "Closed" : "Unreachable"
  const seconds = (loss.waited / 1000).toFixed(1)
  const why = loss.cause === "disconnected" ? loss.obstacle : undefined
  return failure(
    loss.doubtful ? "Unknown" : sure,
    `${loss.doing}: ${causes[loss.cause]} (waited ${seconds} s)${why === undefined ? "" : `: ${why}`.replace(/\.$/, "")}. ${wayOut(loss)}`
  )
}

/** A refusal of a write of which an earlier try went unanswered. */
export const mayBeStored = ({ message }: BrokerError): BrokerError =>
  failure(
    "Unknown",
    `${message} An earlier try was not answered and may have been stored: read before deciding, or send it again with the same id or condition.`
  )

export const tooLarge = (subject: string, size: number, limit: number): BrokerError =>
  failure(
    "TooLarge",
    `a record for ${subject} has ${size} bytes with its headers; the server takes ${limit} in one message (max_payload). Raise max_payload in the server's configuration.`
  )

/** What the client library would not send. It knows what the server took at most when it last connected. */
export const notSent = (doing: string, error: unknown, limit: number): BrokerError =>
  String(error).includes("max_payload")
    ? failure(
        "TooLarge",
        `${doing}: it is larger than the ${limit} bytes that the server accepts in one message (max_payload), fewer than when it was put together. Raise max_payload in the server's configuration.`
      )
    : failure("Misconfigured", `${doing}: ${String(error)}`)

export const mayNotPublish = (doing: string, subject: string): BrokerError =>
  failure(
    "Refused",
    `${doing}: the server does not let this user publish to ${subject}. Add it to the user's permissions.`
  )

/** `inbox` begins with the namespace's own part of the inboxes. */
export const mayNotListen = (inbox: string): BrokerError =>
  failure(
    "Refused",
    `the server does not let this user subscribe to ${inbox}*, where its answers arrive. Allow ${inbox.split("._.")[0]}.> in the user's permissions.`
  )
