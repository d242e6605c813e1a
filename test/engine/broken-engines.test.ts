/** Tests of the tests: engines that are broken on purpose do not get past the kill points. */
import { expect, test } from "vitest"
import type { Broker } from "../../src/broker/broker.ts"
import { waveringForms } from "./odd-plays.ts"
import { plays, playStandIns, playTasks } from "./plays.ts"
import { enumerate, formOf, type Enumerated, type Form } from "./points.ts"
import { Sample, turns } from "./sample.ts"
import {
  ackingEarly,
  callbacksAfterwards,
  callbacksBefore,
  countingDeliveries,
  countingInMemory,
  trustingTheEnd,
  withoutFence,
  withoutFollowersAgain,
  withoutPrecondition
} from "./sabotage.ts"

const formCalled = (name: string): Form =>
  waveringForms[name] ?? formOf(plays[name]!, playTasks, playStandIns)

const broken = (
  name: string,
  sabotage: (broker: Broker) => Broker,
  sample?: Sample
): Promise<Enumerated> => enumerate({ ...formCalled(name), sabotage }, { sample })

const noticed: ReadonlyArray<readonly [string, string, (broker: Broker) => Broker, RegExp]> = [
  ["what follows is not sent again", "a chain", withoutFollowersAgain, /it stood still/],
  ["what follows is not sent again", "a chord", withoutFollowersAgain, /it stood still/],
  ["the ack comes before what follows", "a chain", ackingEarly, /it stood still/],
  ["members are counted in memory", "a chord", countingInMemory, /it (?:never ended|stood still)/],
  ["members are counted in memory", "a map", countingInMemory, /it (?:never ended|stood still)/],
  ["members are counted twice", "a chord", countingDeliveries(3), /it (?:never ended|stood still)/],
  ["no scope stops what follows", "a chain beside a failure", withoutFence, /began after the end/],
  ["callbacks come later", "a chain with callbacks", callbacksAfterwards, /0 callbacks/],
  ["callbacks come earlier", "a chain with callbacks", callbacksBefore, /two|2 callbacks/],
  ["the end's timer is taken to stand", "a chain", trustingTheEnd, /left behind/],
  ["outcomes overwrite each other", "another value", withoutPrecondition, /changed|two outcomes/],
  [
    "outcomes overwrite each other",
    "another value in a chord",
    withoutPrecondition,
    /changed|two outcomes/
  ]
]

for (const [what, form, sabotage, symptom] of noticed) {
  test(`${what}: ${form}`, async () => {
    const { wrong } = await broken(form, sabotage)
    expect(wrong?.what).toMatch(symptom)
  })

  // Whichever forms were played before, and whichever turn this one has.
  test.each(turns)(`${what}: ${form}, as the last of many forms, in turn %i`, async (turn) => {
    const { wrong } = await broken(form, sabotage, new Sample({ turn }))
    expect(wrong?.what).toMatch(symptom)
  })
}
