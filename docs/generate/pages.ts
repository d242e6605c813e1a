/** Which page of the reference has which names, in which order. The generator refuses a name that is on none, or on two. */
export interface PagePlan {
  /** Without its ending. */
  readonly file: string
  readonly title: string
  readonly about: string
  readonly names: ReadonlyArray<string>
  /** Nothing of it is written by hand: its types are told in a line each, with what they look like. */
  readonly isBrief?: boolean
}

const list = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

export const pages: ReadonlyArray<PagePlan> = [
  {
    file: "tasks",
    title: "Tasks and contracts",
    about:
      "Declaring what can be done, and what a handler knows of the step it runs for. Guide: [tasks](../learn/tasks.md).",
    names:
      list(`task implement Task BoundTask AnyTask Contract StandardSchema RetryOptions CallOptions TimeOptions HowLong WithUnit
      step Step StepContext`)
  },
  {
    file: "composing",
    title: "Composing",
    about:
      "Putting calls together into workflows, and what a workflow is. Guides: [composing](../learn/composing.md), [failing](../learn/failing.md).",
    names:
      list(`chain group GroupOptions chord map MapOptions pass sleep ignoreInput settle recover withInput ifFailed always open onSuccess onFailure
      Workflow Call Pass Sleep WithInput AnyWorkflow InputOf OutputOf ErrorOf StartOptions encodeWorkflow decodeWorkflow`)
  },
  {
    file: "running",
    title: "Running: the client",
    about:
      "Starting workflows and hearing of them. Guides: [composing](../learn/composing.md), [options](../operate/options.md), [health](../operate/health.md), [dead letters](../operate/dead-letters.md).",
    names:
      list(`connect ConnectOptions BrokerOptions AppOptions NatsAuthentication Profile App RunOptions WaitOptions
      Run RunStatus RunDescription WaitingStep FindQuery Started EachStarted DeadLetters DeadLetterQuery DeadLetterPage DeadLetter
      OpenedDeadLetter RedriveOptions RedrivenRun Health ConnectionHealth Durability RoomHealth
      Client ClientService EffectRun EffectDeadLetters`)
  },
  {
    file: "schedules",
    title: "Schedules",
    about: "Starting workflows at times. Guide: [schedules](../learn/schedules.md).",
    names: list(
      `schedule nextTimes Schedule ScheduleInfo Schedules DeclaredSchedule SyncedSchedules EffectSchedule EffectSchedules ScheduleSpec ScheduleTimes CronTimes IntervalTimes ScheduleOptions ScheduleInput`
    )
  },
  {
    file: "working",
    title: "Working: the worker",
    about:
      "Serving tasks. Guides: [workers](../learn/workers.md), [stopping](../operate/stopping.md), [health](../operate/health.md).",
    names: list(
      `serve startWorker WorkerOptions Worker WorkerHealth LaneHealth EventLoopHealth Counters`
    )
  },
  {
    file: "outcomes",
    title: "Outcomes",
    about:
      "How something ends, as a value. Guide: [failing](../learn/failing.md). What is thrown: [errors](errors.md).",
    names: list(
      `Outcome Succeeded Failed Crashed Cancelled TimedOut Expired Undeclared Origin OutcomeSchema Failure`
    )
  },
  {
    file: "errors",
    title: "Errors",
    about:
      "Every error, every word that its `reason` (or `thrown.name`) can have, where it comes from and what to do. Each has a `_tag`, which is its name. By the words of a message: [troubleshooting](../operate/troubleshooting.md). Errors of your own: [failing](../learn/failing.md).",
    names:
      list(`BrokerError ContractError CompositionError InvalidInput InvalidOutput NoStep StepStopped
      TaskCrashed Thrown TaskTimedOut RunCancelled RunTimedOut RunExpired StillRunning UnknownRun ResultExpired InvalidResult KeyTaken
      UnknownDeadLetter NotRedrivable UnknownSchedule RunError StartError FindError`)
  },
  {
    file: "testing",
    title: "Testing: arpeggio/testing",
    about: "Clients and workers over a broker in memory. Guide: [testing](../learn/testing.md).",
    names:
      list(`testApp TestApp TestAppOptions TestedStarts StartedCall ExpectOptions memoryServer MemoryServer
      MemoryServerOptions MemoryClock OnCall MemoryCall CallVerb ArrivalVerb Fault clientOver workerOver`)
  },
  {
    file: "broker",
    title: "The broker's side of arpeggio/testing",
    about:
      "What a `Broker` is made of: for tests that put something of their own between a worker or client and the broker in memory. It may change with any release.",
    names:
      list(`Broker BrokerFacts Publication Published Stored Page Part Delivery Lane LaneState Consumption PullState
      Subscription Neighbour Spare Begins IfFull Soon`),
    isBrief: true
  },
  {
    file: "types",
    title: "Types behind the others",
    about:
      "They are exported so that the declaration files of your own exports can name them. Nothing of this is written by hand. Where one stands for a sentence, that is what the compiler says of a mistake.",
    names:
      list(`Open OneOpen OpenOr PartialCall Arriving Runnable EachRunnable Chosen Instead Readable ReadAs Handler TaskDefinition TaskTable WorkflowData
      StartSettings OnCallsOnly RetryPolicy RetriedOn CallRetriedOn ThrownClass Source Served ServedMore Serving Services
      ValueCodec SchemaCodec ErrorCodec Json PlanNode AnyNode CallNode CleanupNode ChainNode GroupNode MapNode PassNode IgnoreNode SettleNode
      RecoverNode HookNode SleepNode Times Expiry EtaBeside DelayBesideEta WithBelongsOnCalls`),
    isBrief: true
  }
]
