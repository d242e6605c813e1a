/** `arpeggio doctor`: whether the broker can be worked with, and what is wrong there. */
import type { Command } from "commander"
import type { Health } from "../../broker/health.ts"
import { connecting, type Where, withApp } from "../connecting.ts"
import { exits } from "../exits.ts"
import { show } from "../output.ts"

export const addDoctor = (program: Command): void => {
  connecting(program.command("doctor"))
    .description(
      "says whether server, version, JetStream and stream are as they should be, and what is wrong; a namespace that is new is created"
    )
    .action((options: Where) =>
      withApp(options, async (app) => {
        const health = await app.health()
        if (!health.ok) process.exitCode = exits.problems
        await show(health, words, options)
      })
    )
}

/** What a connection has shown is said as it was found: without JetStream, or with an old server, there would be none. */
const words = ({
  connection,
  namespace,
  durability,
  room,
  problems,
  notes,
  ok
}: Health): string => {
  const { profile, replicas, sync } = durability
  return [
    `server      ${connection.server}, nats-server ${connection.version}${connection.connected ? "" : ", not connected"}`,
    `jetstream   on`,
    `stream      arpeggio-${namespace}, ${replicas} ${replicas === 1 ? "copy" : "copies"}`,
    `durability  profile ${profile}, sync ${sync}`,
    ...(room === undefined ? [] : [`room        ${room.left} of ${room.limit} bytes are left`]),
    ...problems.map((problem) => `problem     ${problem}`),
    ...notes.map((note) => `note        ${note}`),
    ok ? "nothing is wrong" : `${problems.length} problem${problems.length === 1 ? "" : "s"}`
  ].join("\n")
}
