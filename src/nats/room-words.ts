/** What is said to people about the room that is left. */
import type { Begins } from "../broker/broker.ts"
import type { BrokerError } from "../broker/errors.ts"
import type { RoomHealth } from "../broker/health.ts"
import { moreRoom } from "./error-codes.ts"
import { failure } from "./messages.ts"

/** A limit, and how far away it is: `RoomHealth` without what is kept back. */
export type Room = Omit<RoomHealth, "kept">

const units = ["bytes", "KB", "MB", "GB", "TB"] as const

/** For example "1.9 MB". */
const bytesInWords = (bytes: number): string => {
  const unit = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10))
  return `${unit === 0 ? bytes : (bytes / 1024 ** unit).toFixed(1)} ${units[unit]}`
}

/** For example "the account has 180.0 KB left of 2.0 MB (91 % used)". */
export const roomInWords = ({ of, limit, used, left }: Room): string =>
  `the ${of} has ${bytesInWords(left)} left of ${bytesInWords(limit)} (${Math.floor((used / limit) * 100)} % used)`

/** Why something is not begun now. */
export const tooLittle = (room: Room, kept: number, begins: Begins): BrokerError =>
  failure(
    "Full",
    `the broker has no room for more work: ${roomInWords(room)}, and ${bytesInWords(kept)} are kept for the outcomes of what was accepted already. ${begins === "run" ? "Nothing was stored: start it again later." : "It waits."} ${moreRoom[room.of]}`
  )

export const shortOf = (): BrokerError =>
  failure(
    "Full",
    `the broker has no room for more work: its server's limit was reached, and what is free is kept for the outcomes of what was accepted already. Nothing was stored: start it again later. ${moreRoom.server}`
  )

export const exposed = (why: string): string =>
  `the stream would discard queued work when it is full, so nothing new is begun: ${why}.`

/** Said all the time: nobody would think of it when the account is full. */
export const sized =
  "the stream has the whole storage of its account (max_bytes), and is safe for as long as the account's limit is no higher. Raise the two together, the account's first, and only while no worker and no client runs."
