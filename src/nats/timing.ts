/** How long this process waits for a NATS server, in milliseconds: one place, so that tests can be impatient. */
export interface Timing {
  /** For one answer, before asking again: after an election, this is how long what the old leader heard last still waits. */
  readonly attempt: number
  /** For an answer in all, across attempts and reconnections. */
  readonly overall: number
  /** For a stream without a leader to find one: an election takes 4 to 9 s, and is repeated when it is split. */
  readonly leaderless: number
  /** Until the second try after a refusal that passes by itself; it doubles from there. */
  readonly pause: number
  /** The lease of a call: without a sign of life it is handed out again. */
  readonly lease: number
  /** The life of one pull request; it is renewed by itself. */
  readonly pull: number
  /** The beat by which an idle pull request shows that the server still has it. */
  readonly beat: number
  /** Between two comparisons with the broker's clock. */
  readonly clock: number
  /** How long a connection that was cut is told in health, unless it is cut again. */
  readonly calm: number
  /** About how long between two looks for a second stream that takes the same records. */
  readonly rival: number
  /** Until a worker looks whether there is room kept back, and between two tries to put it back; without need twenty times as rare. */
  readonly upkeep: number
  /** Between two looks whether it was set, while the time is asked for. */
  readonly glance: number
}

export const usualTiming: Timing = {
  attempt: 3_000,
  overall: 60_000,
  leaderless: 20_000,
  pause: 20,
  lease: 30_000,
  pull: 30_000,
  beat: 2_000,
  clock: 180_000,
  calm: 60_000,
  rival: 50_000,
  upkeep: 15_000,
  glance: 30_000
}
