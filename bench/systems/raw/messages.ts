/** What the client written by hand sends: calls and outcomes, as JSON of about a hundred bytes. */

/** A call of one task, or of the chain or chord that it stands in. */
export interface Call {
  readonly v: 1
  readonly task: "inc" | "echo" | "sum"
  readonly instance: string
  /** The run whose outcome the caller waits for. */
  readonly run: string
  readonly input: number | string | ReadonlyArray<number>
  readonly at: number
  /** In a chain: the step this is, and how many there are. */
  readonly step?: number
  readonly length?: number
  /** In a chord: the member this is, and how many there are. */
  readonly member?: number
  readonly size?: number
}

export interface Outcome {
  readonly v: 1
  readonly status: "succeeded"
  readonly run: string
  readonly worker: string
  readonly value: number | string
  readonly at: number
}

export interface Acknowledgement {
  readonly seq?: number
  readonly error?: { readonly code: number; readonly description?: string }
}

export const encode = (message: Call | Outcome): Uint8Array => Buffer.from(JSON.stringify(message))

export const decode = <A>(data: Uint8Array): A =>
  JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as A
