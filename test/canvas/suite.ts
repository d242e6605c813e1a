/**
 * The cases of Celery's canvas, by their numbers, on one layer.
 *
 * Elsewhere: case 21 and what else needs faults is in duplicates.test.ts and test/engine, case 26 in test/encode and
 * test/property, case 27 in test/types; retries in test/engine.
 */
import { afterAll, beforeAll, describe } from "vitest"
import { canvasTasks } from "../fixtures/tasks.ts"
import { branchTasks } from "../fixtures/branches.ts"
import { valueTasks } from "../fixtures/values.ts"
import { branchCases } from "./cases/branches.ts"
import { chainCases } from "./cases/chain.ts"
import { chordCases } from "./cases/chord.ts"
import { chordFailureCases } from "./cases/chord-failures.ts"
import { cleanupCases } from "./cases/cleanup.ts"
import { dynamicCases } from "./cases/dynamic.ts"
import { groupCases } from "./cases/group.ts"
import { hookCases } from "./cases/hooks.ts"
import { largeCases } from "./cases/large.ts"
import { openCases } from "./cases/open.ts"
import { passCases } from "./cases/pass.ts"
import { timeCases } from "./cases/time.ts"
import { valueCases } from "./cases/values.ts"
import { withInputCases } from "./cases/with-input.ts"
import type { Layer, Place } from "./layer.ts"

/** What a case is given. `app` is there once the cases run. */
export interface Canvas {
  readonly layer: Layer
  readonly app: Place["app"]
  readonly server: Place["server"]
}

export const canvasSuite = (layer: Layer): void => {
  describe(`canvas, ${layer.name}`, () => {
    let place: Place
    const canvas: Canvas = {
      layer,
      get app() {
        return place.app
      },
      get server() {
        return place.server
      }
    }
    beforeAll(async () => {
      place = await layer.open([...canvasTasks, ...valueTasks, ...branchTasks], {
        concurrency: 100
      })
    })
    afterAll(() => place.close())
    chainCases(canvas)
    groupCases(canvas)
    chordCases(canvas)
    chordFailureCases(canvas)
    dynamicCases(canvas)
    hookCases(canvas)
    valueCases(canvas)
    branchCases(canvas)
    passCases(canvas)
    withInputCases(canvas)
    cleanupCases(canvas)
    openCases(canvas)
    timeCases(canvas)
    if (layer.large) largeCases(canvas)
  })
}
